/** Makes the clone ready for every stage: dependencies, the addon, the bundles. A process of its own, so that others run meanwhile. */
import { bundles, setUp } from '../../electron/launch/setup.mjs'

try {
  setUp({ bundles: Object.keys(bundles) })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
