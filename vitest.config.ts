/** The test projects. `npm test` runs all of them (test/run.mjs); `npx vitest run --project unit` one. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { refuseExternalMemory } from './test/support/external-memory/build.ts'
import { CONDITION_MS, TEST_MS } from './test/support/timeouts.ts'

/** Importing the real `electron` outside Electron starts a download: tests meet this in its place. */
const electron = fileURLToPath(new URL('./test/support/electron.ts', import.meta.url))

/** One test at a time: these start programs, fill queues and churn sockets, and two of them would see each other's load. */
const serial = { pool: 'forks', maxWorkers: 1, fileParallelism: false, isolate: false } as const

export default defineConfig({
  resolve: { alias: { electron } },
  // As in the builds: what an export draws with is part of its chunk.
  assetsInclude: ['**/*.wasm'],
  test: {
    sequence: { shuffle: true },
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    // Twice the default: each look at a page takes many milliseconds of its time.
    expect: { poll: { timeout: CONDITION_MS, interval: 100 } },
    projects: [
      {
        extends: true,
        // Loading the sources anew for every file would be half of the time.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          setupFiles: ['test/support/property-seed.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          ...serial,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/integration/support/global-setup.ts'],
          // The engine in these processes gets from V8 what it gets in Electron, and no more.
          execArgv: refuseExternalMemory,
        },
      },
      {
        extends: true,
        test: {
          ...serial,
          name: 'desktop',
          include: ['test/desktop/**/*.test.{ts,tsx}'],
          globalSetup: ['test/desktop/shell/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...serial,
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/desktop/shell/global-setup.ts'],
        },
      },
    ],
  },
})
