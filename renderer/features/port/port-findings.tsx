/** The findings of the groups on the port. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { compareImportance } from '../../../electron/contract/finding-types.ts'
import { hrefOf } from '../../model/route.ts'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import css from './port-findings.module.css'

export function PortFindings({ findings }: { findings: readonly FindingRow[] }) {
  if (findings.length === 0) return null
  return (
    <section aria-label="Findings">
      <h2>Findings on it</h2>
      <ul className={css.findings}>
        {[...findings].sort(compareImportance).map((finding) => (
          <li key={finding.id}>
            <Sign name={finding.severity} size="small" />
            <a href={hrefOf({ screen: 'findings', finding: finding.id })}>{visibleText(finding.summary)}</a>
          </li>
        ))}
      </ul>
    </section>
  )
}
