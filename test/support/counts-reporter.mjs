/** A Vitest reporter that writes the counts and each skip's reason (a note, or the suite's name) for test/run.mjs. */
import { writeFileSync } from 'node:fs'

export default class CountsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, skips: [], failures: [] }
    for (const error of unhandledErrors) counts.failures.push(`outside of any test: ${error.message}`)
    for (const module of modules) {
      const fail = (name) => {
        counts.failed++
        counts.failures.push(name)
      }
      if (module.errors().length > 0) fail(module.relativeModuleId)
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) fail(suite.fullName)
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') counts.passed++
        else if (result.state === 'failed') fail(`${module.relativeModuleId}: ${test.fullName}`)
        else {
          counts.skipped++
          counts.skips.push(result.note ? `${test.fullName}: ${result.note}` : test.fullName)
        }
      }
    }
    const path = process.env.RPI_TEST_REPORT
    if (path) writeFileSync(path, JSON.stringify(counts))
  }
}
