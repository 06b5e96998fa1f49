/** `npm run cli`: the terminal front from a checkout. Makes it ready first; afterwards it costs a few milliseconds. */
import { createRequire } from 'node:module'
import { setUp } from './setup.mjs'

try {
  setUp({ bundles: ['node'] })
} catch (error) {
  process.stderr.write(`reuseport-inspector: ${error.message}\n`)
  process.exit(1)
}
createRequire(import.meta.url)('../../dist/node/cli.cjs')
