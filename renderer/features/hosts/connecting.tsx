/** The steps of connecting with their times, so that a slow one is seen. */
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { ConnectStep } from '../../../electron/contract/hosts.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { formatSpan } from '../../ui/format.ts'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import parts from './connect-parts.module.css'
import css from './connecting.module.css'
import { DialogHead } from './dialog-head.tsx'
import { describeWay } from './host-texts.ts'

export function Connecting(props: {
  name: string
  via: string | null
  steps: readonly ConnectStep[]
  close: () => void
}) {
  const { name, via, steps, close } = props
  const { disconnect } = useHostsOfPage()
  return (
    <>
      <DialogHead close={close}>
        {name === ROOT_HERE ? 'Show what root sees' : `Connecting to ${visibleText(name)}`}
      </DialogHead>
      <div className={parts.body}>
        <p>
          <CodedText text={describeWay(name, via)} />
        </p>
        <ul className={css.steps} aria-label="Steps">
          {steps.map((step) => (
            <Step key={step.name} step={step} />
          ))}
        </ul>
      </div>
      <footer className={parts.foot}>
        <span className={parts.note}>It continues when this is closed</span>
        <Button
          onPress={() => {
            close()
            void disconnect(name)
          }}
        >
          Cancel
        </Button>
      </footer>
    </>
  )
}

const TEXTS: Record<ConnectStep['name'], readonly [running: string, done: string]> = {
  'sign-in': ['Signing in', 'Signed in'],
  system: ['Looking for the engine', 'A shell started'],
  send: ['Sending the engine, once for each version', 'Sent the engine'],
  start: ['Starting the engine', 'Started the engine'],
  read: ['Reading for the first time', 'Read for the first time'],
}

function Step({ step }: { step: ConnectStep }) {
  const { name, durationMs, detail, sent } = step
  const [running, done] = TEXTS[name]
  if (durationMs !== null)
    return (
      <li>
        <Sign name="ok" label="done" />
        <span>{detail === null ? done : visibleText(detail)}</span>
        <span className={css.time}>{formatSpan(durationMs)}</span>
      </li>
    )
  return (
    <li>
      <span className={css.ring} role="img" aria-label="running" />
      <span className={css.now}>{running}</span>
      {sent !== null && (
        <>
          <span className={css.time}>
            {megabytes(sent.bytes)} of {megabytes(sent.of)} MB
          </span>
          <span
            className={css.bar}
            role="progressbar"
            aria-label="Sent"
            aria-valuenow={Math.round((100 * sent.bytes) / sent.of)}
          >
            <i style={{ width: `${(100 * sent.bytes) / sent.of}%` }} />
          </span>
        </>
      )}
    </li>
  )
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
