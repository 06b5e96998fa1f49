/** The head of a port: its number, the protocol, and the answer in a sentence. */
import { clsx } from 'clsx'
import type { Protocol } from '../../../electron/contract/model.ts'
import type { PortUse } from '../../../electron/contract/port.ts'
import { hrefOf } from '../../model/route.ts'
import control from '../../ui/control.module.css'
import { Icon } from '../../ui/icon.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import css from './port-head.module.css'
import { PortInput } from './port-input.tsx'
import { bindSentence } from './port-texts.ts'

const PROTOCOLS = [
  ['both', 'both'],
  ['tcp', 'tcp'],
  ['udp', 'udp'],
] as const

export function PortHead(props: {
  port: number
  protocol: Protocol | null
  use: PortUse | null
  choose: (protocol: Protocol | 'both') => void
  copyLink: (() => void) | null
}) {
  const { port, protocol, use, choose, copyLink } = props
  return (
    <header className={css.head}>
      <div className={clsx(control.row, css.title)}>
        <a href={hrefOf({ screen: 'groups' })}>
          <Icon name="back" />
          Groups
        </a>
        <span className={text.quiet}>/</span>
        <h1>
          port <b>{port}</b>
        </h1>
        <SegmentedControl
          labeled="hidden"
          label="Protocol"
          value={protocol ?? 'both'}
          change={choose}
          options={PROTOCOLS}
        />
        <div className={css.actions}>
          <PortInput />
          {copyLink && (
            <Button look="quiet" onPress={copyLink}>
              <Icon name="link" />
              Copy link
            </Button>
          )}
        </div>
      </div>
      {use !== null && (
        <p className={css.verdict} role="status">
          <Sign name={signOf(use)} label="" size="large" />
          <span>
            <b>{visibleText(use.summary)}</b> {bindSentence(use)}
          </span>
        </p>
      )}
    </header>
  )
}

/** Refused binds are no trouble: only findings are. */
function signOf({ findings }: PortUse): 'critical' | 'warning' | 'info' {
  const has = (wanted: string) => findings.some(({ severity, muted }) => severity === wanted && !muted)
  return has('critical') ? 'critical' : has('warning') ? 'warning' : 'info'
}
