/** The connection to the shown host is lost, or being made again. */
import { clsx } from 'clsx'
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { useSession } from '../../model/store/context.ts'
import banner from '../../ui/banner.module.css'
import { formatClock } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Retrying } from '../../ui/retrying.tsx'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import { useConnectDialog } from '../page.tsx'

export function HostBanner({ connection }: { connection: HostConnection }) {
  const { name, state, since } = connection
  const { connect, disconnect } = useHostsOfPage()
  const open = useConnectDialog()
  const takenAt = useSession((session) => session.sampling?.takenAt ?? null)
  const failure = state.phase === 'lost' || state.phase === 'failed' ? state.failure : null
  const said = failure === null ? '' : `${capitalized(visibleText(failure.said ?? failure.problem.cause))}. `
  const needsUser = state.phase === 'lost' && state.needsUser
  const retry = () => {
    if (needsUser) open(name)
    void connect(name)
  }
  return (
    <div className={clsx(banner.banner, banner.warning)} role="alert">
      <Sign name="warning" label="" />
      <p>
        <b>
          {state.phase === 'connecting'
            ? `Connecting to ${visibleText(name)} again.`
            : `Connection to ${visibleText(name)} lost at ${formatClock(Date.parse(since))}.`}
        </b>{' '}
        {said}
        {takenAt !== null && `What you see is from ${formatClock(Date.parse(takenAt))}. `}
        {state.phase === 'lost' && (
          <span aria-hidden="true">
            {needsUser ? (
              'It is not tried again by itself.'
            ) : (
              <Retrying at={state.retryAt === null ? null : Date.parse(state.retryAt)} />
            )}
          </span>
        )}
      </p>
      <Button onPress={retry} isDisabled={state.phase === 'connecting'}>
        <Icon name="refresh" />
        {needsUser ? 'Connect' : 'Try now'}
      </Button>
      <Button onPress={() => void disconnect(name)}>Disconnect</Button>
    </div>
  )
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}`
}
