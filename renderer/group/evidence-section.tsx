/** How we know what this is, and what would make us surer: the long answer. */
import { hrefOf } from '../route.ts'
import type { EvidenceWords } from './evidence.ts'

export function EvidenceText({ evidence }: { evidence: EvidenceWords }) {
  return (
    <>
      <p>{evidence.sentence}</p>
      <p>
        {evidence.surer === null ? (
          'Nothing would make this surer.'
        ) : (
          <>
            <b>What would make us surer.</b> {evidence.surer}{' '}
            <a href={hrefOf({ screen: 'rights' })}>What would show them</a>
          </>
        )}
      </p>
    </>
  )
}
