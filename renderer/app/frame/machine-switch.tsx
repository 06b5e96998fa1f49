/** Which machine is shown, and the menu of the hosts that can be shown in its place. */
import { clsx } from 'clsx'
import { Button, MenuItem, Separator } from 'react-aria-components'
import { useStore } from 'zustand'
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import { describeState, formatDelay } from '../../model/hosts/host-verdict.ts'
import { useHosts, useHostsOfPage, useRootOffered } from '../../model/hosts/hosts.ts'
import { goTo } from '../../model/route.ts'
import { useSession } from '../../model/store/context.ts'
import type { PageStore } from '../../model/store/store.ts'
import { FloatingMenu } from '../../ui/floating-menu.tsx'
import { formatClock } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { Sign, type SignName } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { useConnectDialog, useShowRoot } from '../page.tsx'
import css from './machine-switch.module.css'

export function MachineSwitch() {
  const offered = useHosts(({ client }) => client !== null)
  const stored = useSession((session) => session.source)
  if (stored !== null) return <StoredMachine host={visibleText(stored.hostname ?? 'another machine')} />
  if (offered) return <HostMenu />
  return (
    <div className={css.machine}>
      <MachineName />
    </div>
  )
}

function MachineName() {
  const machine = useSession((session) => session.machine)
  const name = useHosts((hosts) => hosts.shown)
  const asRoot = name === ROOT_HERE
  const hostname = machine?.host.hostname ?? null
  const kernel = machine?.host.kernelRelease ?? ''
  const title = machine === null ? undefined : `${name === null ? '' : `${name}: `}${hostname}, Linux ${kernel}`
  return (
    <>
      <Icon name="machine" />
      <span className={clsx(text.cut, css.host)} title={title && visibleText(title)}>
        {visibleText((asRoot ? null : name) ?? hostname ?? 'No machine yet')}
      </span>
      <span className={css.kernel}>{asRoot ? 'as root' : visibleText(kernel.split('-')[0] ?? '')}</span>
    </>
  )
}

function StoredMachine({ host }: { host: string }) {
  return (
    <div className={css.machine} title={`${host}, not live`}>
      <Icon name="machine" />
      <span className={clsx(text.cut, css.host)}>{host}</span>
    </div>
  )
}

/** Keys of the menu that are not hosts: no name of a host begins with a space. */
const [NEAR, ROOT, CONNECT, ALL] = [' near', ' root', ' connect', ' all']

function HostMenu() {
  const { show, near } = useHostsOfPage()
  const { connections, shown, stores } = useHosts((hosts) => hosts)
  const connect = useConnectDialog()
  const showRoot = useShowRoot()
  const rootOffered = useRootOffered() && !connections.some(({ name }) => name === ROOT_HERE)
  const choose = (key: string) => {
    if (key === NEAR) show(null)
    else if (key === ROOT) showRoot()
    else if (key === CONNECT) connect(null)
    else if (key === ALL) goTo({ screen: 'hosts' })
    else if (stores.has(key)) show(key)
    else connect(key)
  }
  return (
    <FloatingMenu
      label="Machine"
      placement="bottom start"
      chosen={shown ?? NEAR}
      choose={choose}
      button={
        <Button className={css.machine}>
          <span className={text.hidden}>Machine:</span>
          <MachineName />
          <Icon name="down" dim />
        </Button>
      }
    >
      <MenuItem id={NEAR} textValue="This machine">
        <Icon name="check" />
        <StoreSign store={near} live />
        <NearName store={near} />
        <span className={menu.aside}>this machine</span>
      </MenuItem>
      {connections.map((connection) => (
        <MenuItem key={connection.name} id={connection.name} textValue={connection.name}>
          <Icon name="check" />
          <HostSign connection={connection} store={stores.get(connection.name) ?? null} />
          {visibleText(connection.name)}
          <span className={menu.aside}>{asideOf(connection)}</span>
        </MenuItem>
      ))}
      <Separator className={css.separator} />
      {rootOffered && (
        <MenuItem id={ROOT} textValue="Show what root sees">
          <Icon name="check" />
          Show what root sees…
        </MenuItem>
      )}
      <MenuItem id={CONNECT} textValue="Connect to a host">
        <Icon name="check" />
        Connect to a host…
      </MenuItem>
      <MenuItem id={ALL} textValue="All hosts">
        <Icon name="check" />
        All hosts
      </MenuItem>
    </FloatingMenu>
  )
}

function NearName({ store }: { store: PageStore }) {
  const hostname = useStore(store.session, ({ machine }) => machine?.host.hostname ?? 'This machine')
  return <span>{visibleText(hostname)}</span>
}

function HostSign({ connection, store }: { connection: HostConnection; store: PageStore | null }) {
  const live = connection.state.phase === 'connected'
  return store === null ? <Sign name="unknown" size="small" /> : <StoreSign store={store} live={live} />
}

/** The most severe of the host's groups; unknown while it cannot be seen. */
function StoreSign({ store, live }: { store: PageStore; live: boolean }) {
  const open = useStore(store.session, ({ link, complete }) => link.phase === 'open' && complete)
  const { critical, warning } = useStore(store.view.state, ({ counts }) => counts)
  const name: SignName = !live || !open ? 'unknown' : critical > 0 ? 'critical' : warning > 0 ? 'warning' : 'none'
  return <Sign name={name} size="small" />
}

function asideOf(connection: HostConnection): string {
  const { state } = connection
  if (state.phase === 'connected') return state.roundTripMs === null ? '' : formatDelay(state.roundTripMs)
  return describeState(connection, formatClock) ?? ''
}
