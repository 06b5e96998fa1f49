/** What acts on clients of the port before a socket is looked up. */
import { protocolName } from '../../../electron/contract/format.ts'
import type { PortUse } from '../../../electron/contract/port.ts'
import { actsInFront } from '../../../electron/contract/port-rows.ts'
import { useSession } from '../../model/store/context.ts'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import css from './in-front.module.css'

export function InFront({ use }: { use: PortUse }) {
  const namespaces = useSession((session) => session.namespaces)
  const steps = use.inFront.filter(actsInFront)
  const several = new Set(use.binds.map(({ netns }) => netns)).size > 1
  const nameOf = (inode: number) => namespaces.find((one) => one.inode === inode)?.name ?? String(inode)
  if (steps.length === 0) return null
  return (
    <section aria-label="In front of the sockets">
      <h2>In front of the sockets</h2>
      <ul className={css.steps}>
        {steps.map(({ netns, protocol, family, addresses, kind, state, detail }) => (
          <li key={JSON.stringify([netns, protocol, family, kind, addresses])}>
            <Sign
              name={state === 'redirects' ? 'warning' : 'unknown'}
              size="small"
              label={state === 'redirects' ? 'Redirected' : 'Unknown'}
            />
            <span>
              <span className={text.mono}>
                {protocolName({ protocol, family })} {addresses.map(visibleText).join(', ')}
              </span>
              {several && <span className={text.quiet}> in {visibleText(nameOf(netns))}</span>}: {visibleText(detail)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
