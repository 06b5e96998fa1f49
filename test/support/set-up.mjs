/** Prepares the clone for every stage: dependencies, the addon, the bundles. Its own process, so others can run. */
import { bundles, setUp } from '../../electron/launch/setup.mjs'

try {
  setUp({ bundles: Object.keys(bundles) })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
