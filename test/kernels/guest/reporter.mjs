/** Writes what node:test says as JSON lines: one for each test that ended, one for each remark of a test. */

/** How much is shown of one failure: two objects that differ can be long. */
const MAX_LINES = 40

export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === 'test:diagnostic' && data.nesting > 0) yield `${JSON.stringify({ remark: data.message })}\n`
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const failure = data.details?.error
    // A suite counts by its tests, but for what failed in it beside them.
    const isSuite = data.details?.type === 'suite'
    if (isSuite && (type === 'test:pass' || failure?.failureType === 'subtestsFailed')) continue
    const outcome = data.skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed'
    const said = { test: data.name, outcome }
    if (typeof data.skip === 'string') said.reason = data.skip
    // Tests that never began say nothing: their suite says why.
    if (outcome === 'failed' && failure?.failureType !== 'cancelledByParent') said.error = described(failure)
    yield `${JSON.stringify(said)}\n`
  }
}

function described(failure) {
  const cause = failure?.cause ?? failure
  return String(cause?.stack ?? cause)
    .split('\n')
    .slice(0, MAX_LINES)
    .join('\n')
}
