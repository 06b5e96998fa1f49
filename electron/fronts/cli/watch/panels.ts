/** What opens over the live table, as lines: the keys, and the findings. Pure. */
import type { FindingRow } from '../../../contract/analysis.ts'
import { compareImportance } from '../../../contract/finding-types.ts'
import { pluralize } from '../format.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'
import { WATCH_KEYS } from './keys.ts'

/** What is read of a finding. */
export type WatchedFinding = Pick<FindingRow, 'severity' | 'code' | 'group' | 'summary' | 'muted'>

const tones = { critical: 'bad', warning: 'warning', info: 'quiet' } as const

const KEYS_WIDTH = 14

export function keyLines(columns: number): Line[] {
  return WATCH_KEYS.flatMap(([keys, meaning]) =>
    wrap(meaning, columns, ' '.repeat(KEYS_WIDTH)).map((text, at) =>
      at === 0 ? line(span(keys.padEnd(KEYS_WIDTH), 'strong'), text.trimStart()) : line(text),
    ),
  )
}

/** The findings that are not muted, the worst first. */
export function heardFindings(findings: readonly WatchedFinding[]): WatchedFinding[] {
  return findings.filter(({ muted }) => !muted).sort(compareImportance)
}

export function findingLines(findings: readonly WatchedFinding[], columns: number): Line[] {
  const heard = heardFindings(findings)
  if (heard.length === 0) return [line('No findings. A stuck queue takes some seconds to be one.')]
  return heard.flatMap(({ severity, code, summary }) => [
    line(span(severity.padEnd(8), tones[severity]), '  ', span(code, 'strong')),
    ...wrap(summary, columns, '  ').map((text) => line(text)),
  ])
}

/** "2 critical, 1 warning: Member 1 of 4 at … (f lists them)": one line below the heading; empty for none. */
export function findingsNotice(findings: readonly WatchedFinding[]): Line {
  const heard = heardFindings(findings).filter(({ severity }) => severity !== 'info')
  const [worst] = heard
  if (worst === undefined) return []
  const critical = heard.filter(({ severity }) => severity === 'critical').length
  const warnings = heard.length - critical
  const counts = [
    ...(critical > 0 ? [`${critical} critical`] : []),
    ...(warnings > 0 ? [pluralize(warnings, 'warning')] : []),
  ]
  return line(span(counts.join(', '), tones[worst.severity]), ` (f lists): ${worst.summary}`)
}
