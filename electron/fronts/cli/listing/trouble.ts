/** The worst finding of each group: a sign and a word wherever groups are listed, and the order of the list. */
import type { Finding, Severity } from '../../../contract/model.ts'
import { SEVERITIES } from '../../../contract/values.ts'

export type Troubles = ReadonlyMap<string, Pick<Finding, 'severity' | 'code'>>

/** Findings that are only information are no trouble. */
export function troublesOf(findings: readonly Pick<Finding, 'group' | 'severity' | 'code'>[]): Troubles {
  const worst = new Map<string, Pick<Finding, 'severity' | 'code'>>()
  for (const finding of findings) {
    const known = worst.get(finding.group)
    if (finding.severity !== 'info' && rank(finding.severity) > rank(known?.severity)) worst.set(finding.group, finding)
  }
  return worst
}

/** The worst first; otherwise in the order given. */
export function byTrouble(troubles: Troubles): (a: { readonly id: string }, b: { readonly id: string }) => number {
  return (a, b) => rank(troubles.get(b.id)?.severity) - rank(troubles.get(a.id)?.severity)
}

/** `critical:queue-overflowing`; empty for none. */
export function troubleText(trouble: ReturnType<Troubles['get']>): string {
  return trouble === undefined ? '' : `${trouble.severity}:${trouble.code}`
}

function rank(severity: Severity | undefined): number {
  return severity === undefined ? -1 : SEVERITIES.indexOf(severity)
}
