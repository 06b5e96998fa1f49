/** What `check` prints: text, a plugin's line for Nagios, JUnit XML. */
import { formatDuration, pluralize } from '../../../contract/format.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'
import type { AssertionResult } from './assertions.ts'
import type { CheckResult } from './check-run.ts'

const WORDS: Readonly<Record<AssertionResult['state'], { word: string; tone: Tone }>> = {
  held: { word: 'held', tone: 'good' },
  failed: { word: 'FAILED', tone: 'bad' },
  unknown: { word: 'unknown', tone: 'warning' },
}

/** Failed ones first. */
const ORDER = { failed: 0, unknown: 1, held: 2 } as const

type Row = { readonly check: CheckResult; readonly result: AssertionResult }

/** The page: one row per assertion, the failed ones first, and a sentence per check. */
export function checkPage(checks: readonly CheckResult[], columns: number): Line[] {
  const rows = checks
    .flatMap((check) => check.assertions.map((result): Row => ({ check, result })))
    .sort((a, b) => ORDER[a.result.state] - ORDER[b.result.state])
  const layout: Column<Row>[] = [
    {
      title: 'RESULT',
      priority: 100,
      cell: ({ result }) => line(span(WORDS[result.state].word, WORDS[result.state].tone)),
    },
    ...(checks.length > 1 ? [{ title: 'CHECK', priority: 80, shrinkTo: 8, cell: ({ check }: Row) => check.name }] : []),
    { title: 'ASSERTION', priority: 95, cell: ({ result }) => result.assertion },
    { title: 'EXPECTED', priority: 85, shrinkTo: 10, cell: ({ result }) => result.expected },
    { title: 'ACTUAL', priority: 90, shrinkTo: 10, cell: ({ result }) => result.actual },
    { title: 'GROUP', priority: 70, shrinkTo: 12, cell: ({ result }) => result.group ?? '–' },
  ]
  return [
    ...(rows.length === 0 ? [] : table(layout, rows, columns)),
    ...checks.flatMap((check) => wrap(sentenceOf(check), Math.min(columns, 100)).map((text) => line(text))),
  ]
}

/** "web holds: 5 assertions, for 10 s." */
export function sentenceOf({ name, state, assertions, heldMs, elapsedMs }: CheckResult): string {
  const of = (wanted: AssertionResult['state']) => assertions.filter((result) => result.state === wanted).length
  const all = pluralize(assertions.length, 'assertion')
  const waited = elapsedMs < 100 ? '' : ` after ${formatDuration(elapsedMs)}`
  if (state === 'held') return `${name} holds: ${all}${heldMs < 100 ? '' : `, for ${formatDuration(heldMs)}`}.`
  if (state === 'failed') return `${name} fails${waited}: ${of('failed')} of ${all}.`
  return of('unknown') === 0
    ? `${name} is unknown: interrupted${waited}.`
    : `${name} is unknown${waited}: ${of('unknown')} of ${all} could not be known. \`doctor\` shows what this user cannot see.`
}

/** The states of a plugin, by the numbers that are its exit statuses. */
export const PLUGIN_STATUS = { held: 0, failed: 2, unknown: 3 } as const
const PLUGIN_WORDS = { held: 'OK', failed: 'CRITICAL', unknown: 'UNKNOWN' } as const

export function overall(checks: readonly CheckResult[]): AssertionResult['state'] {
  return checks.reduce<AssertionResult['state']>(
    (worst, { state }) => (ORDER[state] < ORDER[worst] ? state : worst),
    'held',
  )
}

/** One line with performance data, as monitoring-plugins.org describes it. */
export function pluginLine(checks: readonly CheckResult[], limits: (check: string) => Limits): string {
  const failed = checks.flatMap(({ name, assertions }) =>
    assertions
      .filter(({ state }) => state !== 'held')
      .map(({ assertion, group, actual, expected }) => {
        const of = group === null ? '' : ` of ${group}`
        return `${name} ${assertion}${of}: ${actual} (${expected})`
      }),
  )
  const text = failed.length > 0 ? failed.join('; ') : checks.map(sentenceOf).join(' ')
  const data = checks.flatMap((check) => performanceData(check, checks.length > 1, limits(check.name)))
  // A vertical bar would start the performance data.
  const words = `${PLUGIN_WORDS[overall(checks)]} - ${text}`.replaceAll('|', '/').replace(/\s+/g, ' ')
  return data.length === 0 ? words : `${words} | ${data.join(' ')}`
}

/** The limits of a check as performance data gives them; empty for none. */
export type Limits = Readonly<Record<string, string>>

const UNITS: Readonly<Record<string, string>> = { 'max-queue': '%' }

function performanceData({ name, assertions }: CheckResult, named: boolean, limits: Limits): string[] {
  const several = new Set(assertions.map(({ group }) => group)).size > 2
  return assertions.flatMap(({ assertion, group, value }) => {
    if (value === null || group === null) return []
    const label = [...(named ? [name] : []), assertion.replace(/^(max|no)-/, ''), ...(several ? [group] : [])].join(' ')
    const number = Math.round(value * 1000) / 1000
    return [
      `'${label.replaceAll("'", "''").replaceAll('=', ' ')}'=${number}${UNITS[assertion] ?? ''};;${limits[assertion] ?? ''}`,
    ]
  })
}

/** JUnit XML: a suite per check, a case per assertion; what is unknown is an error. */
export function junit(checks: readonly CheckResult[], escaped: (text: string) => string): string {
  const attributes = (values: Readonly<Record<string, string | number>>) =>
    Object.entries(values)
      .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
      .join('')
  const count = (results: readonly AssertionResult[], wanted: AssertionResult['state']) =>
    results.filter(({ state }) => state === wanted).length
  const suites = checks.map(({ name, assertions, elapsedMs }) => {
    const cases = assertions.map(({ assertion, group, expected, actual, state }) => {
      const head = attributes({ classname: name, name: group === null ? assertion : `${assertion} (${group})` })
      if (state === 'held') return `    <testcase${head}/>`
      const tag = state === 'failed' ? 'failure' : 'error'
      const message = attributes({ message: `${actual}, expected ${expected}` })
      return `    <testcase${head}>\n      <${tag}${message}/>\n    </testcase>`
    })
    const head = attributes({
      name,
      tests: assertions.length,
      failures: count(assertions, 'failed'),
      errors: count(assertions, 'unknown'),
      time: (elapsedMs / 1000).toFixed(3),
    })
    return `  <testsuite${head}>\n${cases.map((each) => `${each}\n`).join('')}  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="reuseport-inspector check">\n${suites.join('\n')}\n</testsuites>\n`
}
