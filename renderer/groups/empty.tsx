/** Where no group is to be shown: because none is there, or because the filter leaves none. */

import { hrefOf } from '../route.ts'
import { Pane } from '../states/pane.tsx'
import { changeSettings } from '../store/engine.ts'
import { useSession } from '../store/session.ts'
import { setFilter, useView } from '../store/view.ts'
import { countOf } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { SharingPicture } from '../ui/sharing-picture.tsx'
import { Button, KeyHint } from '../ui/widgets.tsx'

export function NothingShared() {
  const plain = useSession((session) => session.totals?.plain ?? 0)
  return (
    <Pane
      picture={<SharingPicture sharing="unknown" />}
      title="No port is shared here"
      ways={
        <>
          {plain > 0 && <Button onPress={() => void changeSettings({ plainSockets: true })}>Show plain sockets</Button>}
          <a className="button quiet" href={hrefOf({ screen: 'lab', page: 'new' })}>
            <Icon name="lab" />
            Try one in the lab
          </a>
        </>
      }
    >
      <p>
        {plain === 0
          ? 'No socket has a port.'
          : `${plain === 1 ? 'The one socket' : `Each of the ${countOf(plain, 'socket')}`} with a port has it to itself.`}{' '}
        A group appears as soon as two sockets share one.
      </p>
    </Pane>
  )
}

/** Below the rows: what the filter hides, and how to see it. */
export function Filtered({ shown }: { shown: number }) {
  const filtered = useView((view) => view.filter.terms.some(({ test }) => test !== null))
  const plain = useSession((session) => session.settings?.plainSockets ?? false)
  const all = useSession(({ totals }) => (totals?.groups ?? 0) + (plain ? (totals?.plain ?? 0) : 0))
  const hidden = all - shown
  if (!filtered || hidden <= 0) return null
  return (
    <p className="rest">
      {countOf(hidden, plain ? 'row' : 'group')} {hidden === 1 ? 'does' : 'do'} not match.{' '}
      <button type="button" className="link" onClick={() => setFilter('')}>
        Clear the filter
      </button>{' '}
      <KeyHint>Esc</KeyHint>
    </p>
  )
}
