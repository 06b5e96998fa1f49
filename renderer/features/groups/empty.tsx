/** Empty states of the groups table: no groups exist, or none match the filter. */
import { hrefOf } from '../../model/route.ts'
import { usePageStore, useSession, useView } from '../../model/store/context.ts'
import { countOf } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { SharingIcon } from '../../ui/sharing-icon.tsx'
import states from '../../ui/states.module.css'
import text from '../../ui/text.module.css'
import { Button, buttonClass, KeyHint } from '../../ui/widgets.tsx'

export function NoGroups() {
  const plain = useSession((session) => session.totals?.unshared ?? 0)
  const { changeSettings } = usePageStore()
  return (
    <Pane
      icon={<SharingIcon sharing="unknown" large />}
      title="No shared ports"
      ways={
        <>
          {plain > 0 && (
            <Button onPress={() => void changeSettings({ unsharedSockets: true })}>Show unshared sockets</Button>
          )}
          <a className={buttonClass('quiet')} href={hrefOf({ screen: 'lab', page: 'new' })}>
            <Icon name="lab" />
            Create one in the lab
          </a>
        </>
      }
    >
      <p>
        {plain === 0
          ? 'No socket is bound to a port.'
          : plain === 1
            ? 'The only socket bound to a port does not share it.'
            : `None of the ${countOf(plain, 'socket')} bound to a port share it.`}{' '}
        A group appears as soon as two sockets share a port.
      </p>
    </Pane>
  )
}

/** Below the rows: how many the filter hides, and how to clear it. */
export function HiddenByFilter({ shown }: { shown: number }) {
  const filtered = useView((view) => view.filter.terms.some(({ test }) => test !== null))
  const plain = useSession((session) => session.settings?.unsharedSockets ?? false)
  const all = useSession(({ totals }) => (totals?.groups ?? 0) + (plain ? (totals?.unshared ?? 0) : 0))
  const { setFilter } = usePageStore().view
  const hidden = all - shown
  if (!filtered || hidden <= 0) return null
  return (
    <p className={states.rest}>
      {countOf(hidden, plain ? 'row' : 'group')} {hidden === 1 ? 'does' : 'do'} not match.{' '}
      <button type="button" className={text.link} onClick={() => setFilter('')}>
        Clear the filter
      </button>{' '}
      <KeyHint>Esc</KeyHint>
    </p>
  )
}
