/** A host is connected: what is known of it, and how to remove what was put there. */
import { useEffect } from 'react'
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { HostConnection, HostState } from '../../../electron/contract/hosts.ts'
import { formatDelay } from '../../model/hosts/host-verdict.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { CommandLine } from '../../ui/copying.tsx'
import { formatSpan } from '../../ui/format.ts'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button, UnknownText } from '../../ui/widgets.tsx'
import parts from './connect-parts.module.css'
import css from './connected.module.css'
import { DialogHead } from './dialog-head.tsx'
import { describeClock, describePermissions } from './host-texts.ts'

export function Connected(props: {
  connection: HostConnection
  state: Extract<HostState, { phase: 'connected' }>
  close: () => void
}) {
  const { connection, state, close } = props
  const { name, via, about } = connection
  const { show } = useHostsOfPage()
  const asRoot = name === ROOT_HERE
  // There is nothing to tell that was not asked for.
  const atOnce = asRoot && about?.program === null
  useEffect(() => {
    if (!atOnce) return
    close()
    show(name)
  }, [atOnce, close, show, name])
  return (
    <>
      <DialogHead close={close}>
        <Sign name="ok" label="" />
        {visibleText(name)} is connected
      </DialogHead>
      <div className={parts.body}>
        {about !== null && (
          <>
            <dl className={css.facts}>
              <dt>Machine</dt>
              <dd>
                {visibleText(about.host.hostname)}, Linux {visibleText(about.host.kernelRelease)}
              </dd>
              <dt>Delay</dt>
              <dd>{state.roundTripMs === null ? <UnknownText /> : formatDelay(state.roundTripMs)}</dd>
              <dt>Permissions</dt>
              <dd>{describePermissions(about.host)}</dd>
              <dt>Clock</dt>
              <dd>{state.clockAheadMs === null ? <UnknownText /> : describeClock(state.clockAheadMs)}</dd>
              <dt>Engine</dt>
              <dd>{visibleText(about.engine)}</dd>
              <dt>Runs</dt>
              <dd>
                until you disconnect{via === null ? ', close this program, or ssh ends' : ' or close this program'}
              </dd>
            </dl>
            {about.program === null ? (
              <p>The engine was installed there already: nothing was put on the host.</p>
            ) : (
              <>
                <p>
                  The engine was put into <code>{visibleText(about.program)}</code>. To remove it:
                </p>
                <CommandLine
                  command={asRoot ? `sudo rm -r ${folderOf(about.program)}` : `reuseport-inspector host clean ${name}`}
                />
              </>
            )}
          </>
        )}
      </div>
      <footer className={parts.foot}>
        {about !== null && <span className={parts.note}>{formatSpan(about.connectedInMs)} in all</span>}
        <Button
          look="primary"
          autoFocus
          onPress={() => {
            close()
            show(name)
          }}
        >
          Open
        </Button>
      </footer>
    </>
  )
}

function folderOf(program: string): string {
  return program.slice(0, program.lastIndexOf('/'))
}
