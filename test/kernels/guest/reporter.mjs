/** Writes the events of node:test as JSON lines: one for each finished test, one for each remark of a test. */

/** How much of one failure is shown, in characters: writes to a pipe are atomic up to 4096 bytes. */
const MAX_ERROR = 2000
/** The user that the tests run as, if a run has several. */
const [, , user] = process.argv

export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === 'test:diagnostic' && data.nesting > 0) yield `${JSON.stringify({ remark: data.message })}\n`
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const failure = data.details?.error
    // A suite counts by its tests, except for failures outside them.
    const isSuite = data.details?.type === 'suite'
    if (isSuite && data.skip === undefined && (type === 'test:pass' || failure?.failureType === 'subtestsFailed'))
      continue
    const outcome = data.skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'
    const said = {
      test: user === undefined ? data.name : `${data.name}, as ${user}`,
      outcome,
      ms: Math.round(data.details?.duration_ms ?? 0),
    }
    if (typeof data.skip === 'string') said.reason = data.skip
    // Tests that never started report no error: their suite does.
    if (outcome === 'failed' && failure?.failureType !== 'cancelledByParent') said.error = described(failure)
    yield `${JSON.stringify(said)}\n`
  }
}

function described(failure) {
  const cause = failure?.cause ?? failure
  return String(cause?.stack ?? cause).slice(0, MAX_ERROR)
}
