/**
 * `npm run cli`: the terminal front from a checkout. Sets the checkout up first; later that takes a few milliseconds.
 */
import './node-version.mjs'
import { createRequire } from 'node:module'
import { setUp } from './setup.mjs'

try {
  // Only `serve` needs the page; other commands do not wait for its build.
  setUp({ bundles: process.argv.includes('serve') ? ['node', 'renderer'] : ['node'] })
} catch (error) {
  process.stderr.write(`reuseport-inspector: ${error.message}\n`)
  // ExitStatus.Failed of the terminal program.
  process.exit(3)
}
createRequire(import.meta.url)('../../dist/node/cli.cjs')
