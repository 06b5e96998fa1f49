/** Builds what is stale, and bundles the programs that tests start, once per run: plain Node runs them, in any namespace and as any user. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { bundles, setUp } from '../../../electron/launch/setup.mjs'
import { buildRefusal } from '../../support/external-memory/build.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const support = 'test/integration/support'

export default async function setup(): Promise<void> {
  setUp({ bundles: Object.keys(bundles) as (keyof typeof bundles)[] })
  buildRefusal()
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    assetsInclude: ['**/*.wasm'],
    build: {
      ssr: true,
      outDir: 'dist/test/integration',
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: { 'engine-child': `${support}/engine-child.ts`, 'netlink-dump': `${support}/netlink-dump.ts` },
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}
