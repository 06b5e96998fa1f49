/** The widgets, each in all its forms. */
import { type ReactNode, useState } from 'react'
import { RadioGroup } from 'react-aria-components'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { Sharing } from '../../../electron/contract/model.ts'
import { Checkbox, Choice } from '../../../renderer/ui/choices.tsx'
import { CodedText } from '../../../renderer/ui/coded-text.tsx'
import { CopyButton } from '../../../renderer/ui/copying.tsx'
import { NumberField, Select, TextField } from '../../../renderer/ui/fields.tsx'
import { ChoiceMenu } from '../../../renderer/ui/floating-menu.tsx'
import { ICON_NAMES, Icon } from '../../../renderer/ui/icon.tsx'
import { Pane } from '../../../renderer/ui/pane.tsx'
import { CopyProblem, ProblemList } from '../../../renderer/ui/problem-list.tsx'
import { QueueBars } from '../../../renderer/ui/queue-bars.tsx'
import { Retrying } from '../../../renderer/ui/retrying.tsx'
import { SegmentedControl } from '../../../renderer/ui/segmented-control.tsx'
import { SharingIcon } from '../../../renderer/ui/sharing-icon.tsx'
import { Sign, type SignName } from '../../../renderer/ui/sign.tsx'
import { Sparkline, sparkPath, unknownPath } from '../../../renderer/ui/sparkline.tsx'
import { Button, KeyHint, LabTag, Tag, UnknownText } from '../../../renderer/ui/widgets.tsx'
import type { Entry } from '../entry.tsx'
import styles from '../gallery.module.css'

const LONG = 'A text that somebody else wrote, <b>longer</b> than anybody expects'

const SIGNS: Record<SignName, string> = {
  critical: 'critical',
  warning: 'warning',
  info: 'note',
  ok: 'readable',
  unknown: 'unknown',
  new: 'new',
  gone: 'removed',
  changed: 'changed',
  none: 'nothing wrong',
}
const SHARINGS: Record<Sharing, string> = {
  reuseport: 'reuseport',
  reuseaddr: 'reuseaddr',
  inherited: 'inherited',
  none: 'none',
  unknown: 'unknown',
}

const PROBLEM: Problem = {
  operation: 'every TCP and UDP socket',
  cause: 'the kernel refused (EPERM)',
  hint: 'Leave the sandbox.',
}

/** A minute of utilizations, one per second. */
const samples = (utilization: (second: number) => number, from = 0) =>
  Array.from({ length: 60 - from }, (_, at) => ({ at: 1000 * (from + at), utilization: utilization(from + at) }))

function Buttons() {
  return (
    <>
      {(['plain', 'quiet', 'primary', 'stop'] as const).map((look) => (
        <p key={look}>
          <Button look={look}>{look}</Button>{' '}
          <Button look={look}>
            <Icon name="refresh" />
            {look} with an icon
          </Button>{' '}
          <Button look={look} isDisabled>
            {look}, disabled
          </Button>
        </p>
      ))}
      <p>
        <CopyButton text="copied">Copy</CopyButton> <KeyHint>Ctrl</KeyHint> <KeyHint>K</KeyHint>
      </p>
    </>
  )
}

function Fields() {
  const [number, setNumber] = useState<number | null>(18_080)
  const [text, setText] = useState('127.0.0.1')
  const [protocol, setProtocol] = useState<'tcp' | 'udp'>('tcp')
  const [ticked, setTicked] = useState(true)
  const [theme, setTheme] = useState('light')
  const row = (wrongBy: string | null) => (
    <div className={styles.row}>
      <NumberField label="Port" value={number} change={setNumber} plain wrongBy={wrongBy} />
      <NumberField label="Rate per second" value={null} change={() => {}} empty="no limit" wrongBy={wrongBy} />
      <TextField label="Address" value={text} change={setText} most={64} wrongBy={wrongBy} />
      <SegmentedControl
        label="Protocol"
        value={protocol}
        change={setProtocol}
        options={[
          ['tcp', 'tcp'],
          ['udp', 'udp'],
        ]}
        wrongBy={wrongBy}
      />
      <Select
        label="User"
        value="ada"
        change={() => {}}
        options={[{ name: 'ada', text: 'ada', aside: 'you' }]}
        wrongBy={wrongBy}
      />
    </div>
  )
  return (
    <>
      {row(null)}
      {row('wrong')}
      <p id="wrong">Port: the maximum is 65535.</p>
      <div className={styles.row}>
        <Checkbox text="Show unshared sockets" ticked={ticked} change={setTicked} />
        <Checkbox text={LONG} ticked={!ticked} change={(off) => setTicked(!off)} />
        <RadioGroup
          className={styles.row ?? ''}
          aria-label="Theme"
          orientation="horizontal"
          value={theme}
          onChange={setTheme}
        >
          <Choice value="light" text="Light" />
          <Choice value="dark" text="Dark" />
        </RadioGroup>
        <ChoiceMenu
          label="Interval"
          chosen={1}
          choose={() => {}}
          choices={[
            { value: 1, text: '1 s' },
            { value: 2, text: '2 s' },
          ]}
        >
          1 s
        </ChoiceMenu>
      </div>
    </>
  )
}

function Signs() {
  return (
    <>
      <ul className={styles.row}>
        {Object.entries(SIGNS).map(([name, text]) => (
          <li key={name}>
            <Sign name={name as SignName} size="small" label="" /> <Sign name={name as SignName} label="" />{' '}
            <Sign name={name as SignName} size="large" label={text} /> {text}
          </li>
        ))}
      </ul>
      <ul className={styles.row}>
        {Object.entries(SHARINGS).map(([sharing, text]) => (
          <li key={sharing}>
            <SharingIcon sharing={sharing as Sharing} /> {text}
          </li>
        ))}
      </ul>
      <ul className={styles.row}>
        {ICON_NAMES.map((name) => (
          <li key={name}>
            <Icon name={name} /> {name}
          </li>
        ))}
      </ul>
    </>
  )
}

function Texts() {
  return (
    <>
      <p>
        <Tag>plain</Tag> <Tag look="warn">nearly full</Tag> <Tag look="critical">queue full</Tag> <LabTag />{' '}
        <LabTag>8 open</LabTag> <Tag>{LONG}</Tag>
      </p>
      <p>
        <UnknownText why="Not reported" />, <UnknownText>owner unknown</UnknownText>
      </p>
      <p>
        <CodedText text="Raise `net.core.somaxconn`, or call `listen(2)` with a larger backlog." />
      </p>
      <p>
        <Retrying at={null} /> <Retrying at={Date.now() + 3_600_000} />
      </p>
    </>
  )
}

function Charts() {
  const spark = (name: string, minute: ReturnType<typeof samples>, critical = false) => (
    <li key={name}>
      <Sparkline
        path={sparkPath(minute, 0, 60_000, 1000)}
        unknown={unknownPath(minute, 0, 60_000)}
        critical={critical}
      />{' '}
      {name}
    </li>
  )
  return (
    <>
      <ul className={styles.row}>
        {[
          { name: 'one member', slots: [200] },
          { name: 'calm', slots: [0, 10, 0, 40, 0, 0] },
          { name: 'nearly full', slots: [0, 860, 30] },
          { name: 'full', slots: [0, 1002, 30] },
          { name: 'unknown', slots: [-1, -1] },
          { name: '32 members', slots: Array.from({ length: 32 }, (_, at) => at * 32) },
        ].map(({ name, slots }) => (
          <li key={name}>
            <QueueBars slots={slots} label={name} /> {name}
          </li>
        ))}
      </ul>
      <ul className={styles.row}>
        {spark(
          'calm',
          samples(() => 5),
        )}
        {spark(
          'waves',
          samples((second) => 400 + 300 * Math.sin(second / 4)),
        )}
        {spark(
          'full',
          samples((second) => Math.min(1002, second * 30)),
          true,
        )}
        {spark('with a gap', [...samples(() => 200).slice(0, 20), ...samples(() => 200, 40)])}
        {spark(
          'known for 20 s',
          samples(() => 300, 40),
        )}
        {spark('unknown', [])}
      </ul>
    </>
  )
}

function Panes() {
  return (
    <>
      <Pane
        icon={<Sign name="warning" label="" />}
        title="The last refresh failed"
        ways={
          <>
            <Button look="primary">Try again</Button>
            <CopyProblem problem={PROBLEM} />
          </>
        }
      >
        <ProblemList problem={PROBLEM} shown="data from 4 s ago" />
      </Pane>
      <Pane icon={<Icon name="lab" />} title={LONG}>
        <p>{LONG}.</p>
      </Pane>
    </>
  )
}

function component(name: string, shows: string, content: ReactNode): Entry {
  return {
    name: `components/${name}`,
    shows,
    make: () => (
      <main className={styles.page}>
        <h1>{name}</h1>
        {content}
      </main>
    ),
  }
}

export const components: readonly Entry[] = [
  component('buttons', 'quiet, disabled', <Buttons />),
  component('fields', 'the maximum is 65535', <Fields />),
  component('signs and icons', 'nothing wrong', <Signs />),
  component('tags and texts', 'nearly full', <Texts />),
  component('queues and trends', 'with a gap', <Charts />),
  component('panes', 'The last refresh failed', <Panes />),
]
