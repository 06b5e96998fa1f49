/** The claims that were put to the kernel, each with what it did and where the line was drawn. */
import type { Trial } from '../../electron/contract/lab.ts'
import { CodedText } from '../ui/coded-text.tsx'
import { Sign, type SignName } from '../ui/sign.tsx'

export function Trials({ trials }: { trials: readonly Trial[] }) {
  return (
    <section className="trials" aria-label="What was tried">
      <table>
        <thead>
          <tr>
            <th scope="col" className="holds">
              <span className="hidden-text">Holds</span>
            </th>
            <th scope="col">Claim</th>
            <th scope="col">What the kernel did</th>
            <th scope="col">Where the line is</th>
          </tr>
        </thead>
        <tbody>
          {trials.map(({ claim, observed, holds, bound }) => (
            <tr key={claim}>
              <td className="holds">
                <Sign {...signOf(holds)} />
              </td>
              <th scope="row">
                <CodedText text={claim} />
              </th>
              <td>
                <CodedText text={observed} />
              </td>
              <td className="bound">
                <CodedText text={bound} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function signOf(holds: boolean | null): { name: SignName; label: string } {
  if (holds === null) return { name: 'unknown', label: 'not tried' }
  return holds ? { name: 'ok', label: 'holds' } : { name: 'critical', label: 'does not hold' }
}
