/** The form for test listeners, with a sentence below that says what Start will do. */
import { clsx } from 'clsx'
import { type FormEvent, useEffect, useRef } from 'react'
import { useSession } from '../../model/store/context.ts'
import { Checkbox } from '../../ui/choices.tsx'
import control from '../../ui/control.module.css'
import { FieldGroup, NumberField, Select, TextField } from '../../ui/fields.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import text from '../../ui/text.module.css'
import { Button } from '../../ui/widgets.tsx'
import { draftFields } from './draft-fields.ts'
import { ErrorText } from './error-text.tsx'
import labForm from './lab-form.module.css'
import { arrivals, startSentence } from './lab-texts.ts'
import css from './listen-form.module.css'
import { MORE_FIELDS, MoreOptions } from './listen-options.tsx'
import { MoreFields } from './more-fields.tsx'
import { useLabActions, useListenDraft, useRequests } from './store.ts'

const REFUSAL = 'listen-refusal'
const FIRST_ROW = ['protocol', 'address', 'port', 'listeners', 'processes']
const SECOND_ROW = ['reuseport', 'reuseaddr', 'incomingCpu', 'backlog', 'minutes']
const THIRD_ROW = ['acceptBehavior', 'user']

/** `named`: has its own heading, because it is below other content. */
export function ListenForm({ named }: { named: boolean }) {
  const refused = useRequests(({ problems }) => problems.listen ?? null)
  const { listen } = useLabActions()
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    // Focus the field to correct.
    if (refused !== null)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] button')?.focus()
  }, [refused])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void listen()
  }
  return (
    <section className={clsx(labForm.section, css.listen)} aria-label="Test listeners">
      {named && <h2>Test listeners</h2>}
      <form ref={form} onSubmit={submit} noValidate>
        <div className={css.grid}>
          <FirstRow />
          <RowRefusal of={FIRST_ROW} />
          <SecondRow />
          <RowRefusal of={SECOND_ROW} />
          <ThirdRow />
          <RowRefusal of={THIRD_ROW} />
        </div>
        <MoreFields
          // Opened if one of its fields has an error; otherwise as the user left it.
          key={refused !== null && MORE_FIELDS.includes(refused.field ?? '') ? 'refused' : 'own'}
          opened={refused !== null && MORE_FIELDS.includes(refused.field ?? '')}
        >
          <div className={css.grid}>
            <MoreOptions wrongBy={(field) => (refused?.field === field ? REFUSAL : null)} />
            <RowRefusal of={MORE_FIELDS} />
          </div>
        </MoreFields>
        <StartLine />
      </form>
    </section>
  )
}

const ALL_FIELDS = [...FIRST_ROW, ...SECOND_ROW, ...THIRD_ROW, ...MORE_FIELDS]

/** The error below the row of its field. */
function RowRefusal({ of }: { of: readonly string[] }) {
  const refused = useRequests(({ problems }) => problems.listen ?? null)
  if (refused === null || !of.includes(refused.field ?? '')) return null
  return <ErrorText problem={refused} id={REFUSAL} />
}

function useDraft() {
  const [draft, set] = useListenDraft()
  const wrong = useRequests(({ problems }) => problems.listen?.field ?? null)
  const wrongBy = (field: string) => (wrong === field ? REFUSAL : null)
  return { draft, set, wrongBy, ...draftFields(draft, set, wrongBy) }
}

function FirstRow() {
  const { draft, set, wrongBy, field, number } = useDraft()
  const addresses = useRequests(({ choices }) => choices?.addresses) ?? []
  return (
    <>
      <SegmentedControl
        label="Protocol"
        stretch
        {...field('protocol')}
        options={[
          ['tcp', 'tcp'],
          ['udp', 'udp'],
        ]}
      />
      <TextField label="Address" {...field('address')} suggestions={addresses} most={60} />
      <NumberField
        label="Port"
        value={draft.port === 0 ? null : draft.port}
        change={(port) => set({ port: port ?? 0 })}
        empty="any"
        plain
        wrongBy={wrongBy('port')}
      />
      <NumberField label={draft.acceptModel === 'reuseport' ? 'Listeners' : 'Workers'} {...number('listeners')} />
      <NumberField label="Processes" {...number('processes')} />
    </>
  )
}

function SecondRow() {
  const { draft, number, tick } = useDraft()
  return (
    <>
      <FieldGroup label="Options" className={labForm.three}>
        <span className={labForm.ticks}>
          <Checkbox text="reuseport" title="SO_REUSEPORT" {...tick('reuseport')} />
          <Checkbox text="reuseaddr" title="SO_REUSEADDR" {...tick('reuseaddr')} />
          <Checkbox
            text="incoming cpu"
            title="SO_INCOMING_CPU: member n to CPU n, round-robin"
            {...tick('incomingCpu')}
          />
          <Checkbox
            text="join others"
            title="Share the port with existing sockets: they lose part of their clients to these"
            {...tick('join')}
          />
        </span>
      </FieldGroup>
      {draft.protocol === 'tcp' ? <NumberField label="Backlog" {...number('backlog')} /> : <span />}
      <NumberField label="Minutes" {...number('minutes')} whole={false} />
    </>
  )
}

function ThirdRow() {
  const { draft, set, wrongBy } = useDraft()
  const choices = useRequests(({ choices }) => choices)
  const you = choices?.user ?? ''
  const { mode, delayMs } = draft.acceptBehavior
  return (
    <>
      <div className={clsx(labForm.three, css.accepting)}>
        <SegmentedControl
          label={draft.protocol === 'tcp' ? 'Accept behavior' : 'Receive behavior'}
          value={mode}
          change={(mode) => set({ acceptBehavior: { mode, delayMs } })}
          options={[
            ['normal', 'normal'],
            ['slow', 'slow'],
            ['never', 'never'],
          ]}
        />
        {mode === 'slow' && (
          <NumberField
            label={`ms after each ${arrivals(draft.protocol)}`}
            value={delayMs}
            change={(delayMs) => set({ acceptBehavior: { mode, delayMs: delayMs ?? Number.NaN } })}
            whole={false}
            wrongBy={wrongBy('acceptBehavior')}
          />
        )}
      </div>
      <Select
        className={labForm.two}
        label="User"
        value={draft.user ?? ''}
        change={(user) => set({ user: user === '' ? null : user })}
        options={[
          { name: '', text: you === '' ? 'you' : you, aside: 'you' },
          ...(choices?.users ?? []).filter((user) => user !== you).map((user) => ({ name: user, text: user })),
        ]}
        wrongBy={wrongBy('user')}
      />
    </>
  )
}

/** What Start will do, or an error that concerns no single field. */
function StartLine() {
  const [draft] = useListenDraft()
  const open = useSession(({ client }) => client !== null)
  const refused = useRequests(({ problems }) => problems.listen ?? null)
  const pending = useRequests(({ pending }) => pending.has('listen'))
  const ofAll = refused !== null && !ALL_FIELDS.includes(refused.field ?? '')
  return (
    <div className={clsx(control.row, labForm.start)}>
      {ofAll ? (
        <ErrorText problem={refused} id={REFUSAL} />
      ) : (
        <p className={clsx(text.second, labForm.will)}>{startSentence(draft)}</p>
      )}
      <Button look="primary" type="submit" isDisabled={!open}>
        <Icon name="play" />
        {pending ? 'Starting …' : 'Start'}
      </Button>
    </div>
  )
}
