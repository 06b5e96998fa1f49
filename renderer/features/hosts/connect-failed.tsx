/** There is no connection: the other side's own words, then what to do. */
import type { ConnectFailure } from '../../../electron/contract/hosts.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import parts from './connect-parts.module.css'
import { DialogHead } from './dialog-head.tsx'

export function ConnectFailed(props: {
  name: string
  failure: ConnectFailure
  /** It was connected before. */
  before: boolean
  close: () => void
}) {
  const { name, failure, before, close } = props
  const { connect, disconnect, choose } = useHostsOfPage()
  const { problem, said } = failure
  return (
    <>
      <DialogHead close={close}>
        <Sign name="critical" label="" />
        {before ? `The connection to ${visibleText(name)} was lost` : `${visibleText(name)} is not connected`}
      </DialogHead>
      <div className={parts.body}>
        {said === null ? (
          <p>{visibleText(problem.cause)}</p>
        ) : (
          <>
            {!problem.cause.includes(said) && <p>{visibleText(problem.cause)}.</p>}
            <div className={parts.said}>
              <small>The other side’s own words</small>
              <pre>{said.split(' / ').map(visibleText).join('\n')}</pre>
            </div>
          </>
        )}
        {problem.hint !== null && (
          <p>
            <b>What to do.</b> <CodedText text={problem.hint} />
          </p>
        )}
      </div>
      <footer className={parts.foot}>
        <span className={parts.note}>{before ? '' : 'Not tried again by itself'}</span>
        <Button
          onPress={() => {
            void disconnect(name)
            choose(null)
          }}
        >
          Another host…
        </Button>
        <Button look="primary" autoFocus onPress={() => void connect(name)}>
          Try again
        </Button>
      </footer>
    </>
  )
}
