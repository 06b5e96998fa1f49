// npm run test:soak [-- --minutes N]: `serve` under load for ten minutes (test/integration/soak.test.ts), in its own
// namespaces, so that no other socket or process of the machine is measured. Needs root. Builds what is missing.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setUp } from '../electron/launch/setup.mjs'
import { apart, cannotRunApart } from './support/apart.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
if (!(Number(values.minutes) > 0)) {
  console.error(`--minutes: expected a number above 0, not ${values.minutes}`)
  process.exit(2)
}
const why = cannotRunApart()
if (why !== null) {
  console.error(`It needs its own namespaces, which this system refuses (${why}). Run it as root.`)
  process.exit(2)
}
// Here, because its own namespaces reach no registry.
setUp({ bundles: ['node', 'renderer'] })
const root = join(import.meta.dirname, '..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const [command, ...args] = apart([
  ...[process.execPath, vitest, 'run', '--project', 'integration', 'test/integration/soak.test.ts'],
])
const environment = { ...process.env, SOAK_MINUTES: values.minutes }
process.exitCode = spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit' }).status ?? 1
