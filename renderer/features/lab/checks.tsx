/** The checked claims, each with the core and the pass criterion. */
import type { Check } from '../../../electron/contract/lab.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { Sign, type SignName } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import css from './checks.module.css'

export function Checks({ trials }: { trials: readonly Check[] }) {
  return (
    <section className={css.checks} aria-label="Checks">
      <table>
        <thead>
          <tr>
            <th scope="col" className={css.holds}>
              <span className={text.hidden}>Holds</span>
            </th>
            <th scope="col">Claim</th>
            <th scope="col">Observed</th>
            <th scope="col">Pass criterion</th>
          </tr>
        </thead>
        <tbody>
          {trials.map(({ claim, observed, holds, threshold }) => (
            <tr key={claim}>
              <td className={css.holds}>
                <Sign {...signOf(holds)} />
              </td>
              <th scope="row">
                <CodedText text={claim} />
              </th>
              <td>
                <CodedText text={observed} />
              </td>
              <td className={css.bound}>
                <CodedText text={threshold} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function signOf(holds: boolean | null): { name: SignName; label: string } {
  if (holds === null) return { name: 'unknown', label: 'not checked' }
  return holds ? { name: 'ok', label: 'holds' } : { name: 'critical', label: 'does not hold' }
}
