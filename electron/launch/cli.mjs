/** `npm run cli`: the terminal front from a checkout. Makes it ready first; afterwards it costs a few milliseconds. */
import './node-version.mjs'
import { createRequire } from 'node:module'
import { setUp } from './setup.mjs'

try {
  // The page is what `serve` hands out; a terminal command does not wait for it to be built.
  setUp({ bundles: process.argv.includes('serve') ? ['node', 'renderer'] : ['node'] })
} catch (error) {
  process.stderr.write(`reuseport-inspector: ${error.message}\n`)
  process.exit(1)
}
createRequire(import.meta.url)('../../dist/node/cli.cjs')
