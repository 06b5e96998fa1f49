/** The evidence in full, and what would increase confidence. */
import { hrefOf } from '../route.ts'
import type { EvidenceWords } from './evidence.ts'

export function EvidenceText({ evidence }: { evidence: EvidenceWords }) {
  return (
    <>
      <p>{evidence.sentence}</p>
      <p>
        {evidence.surer === null ? (
          'This is conclusive.'
        ) : (
          <>
            <b>To increase confidence:</b> {evidence.surer}{' '}
            <a href={hrefOf({ screen: 'permissions' })}>Check permissions</a>
          </>
        )}
      </p>
    </>
  )
}
