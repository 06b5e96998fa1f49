/** The evidence in full, and what would increase confidence. */
import { hrefOf } from '../../model/route.ts'
import type { EvidenceSummary } from './evidence.ts'

export function EvidenceText({ evidence }: { evidence: EvidenceSummary }) {
  return (
    <>
      <p>{evidence.sentence}</p>
      <p>
        {evidence.improvement === null ? (
          'This is conclusive.'
        ) : (
          <>
            <b>To increase confidence:</b> {evidence.improvement}{' '}
            <a href={hrefOf({ screen: 'permissions' })}>Check permissions</a>
          </>
        )}
      </p>
    </>
  )
}
