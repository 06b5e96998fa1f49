/** The form for traffic to a lab: limited in count and time, and only to the lab's own endpoint. */
import { clsx } from 'clsx'
import type { FormEvent } from 'react'
import type { Lab } from '../../../electron/contract/lab.ts'
import { useSession } from '../../model/store/context.ts'
import control from '../../ui/control.module.css'
import { NumberField } from '../../ui/fields.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import text from '../../ui/text.module.css'
import { Button } from '../../ui/widgets.tsx'
import { exchangeFor, exchangesOf, type TrafficDraft } from './draft.ts'
import { draftFields } from './draft-fields.ts'
import { ErrorText } from './error-text.tsx'
import labForm from './lab-form.module.css'
import { openMembers, sendSentence } from './lab-texts.ts'
import { MoreFields } from './more-fields.tsx'
import { useLabActions, useRequests, useTrafficDraft } from './store.ts'
import css from './traffic-form.module.css'

const REFUSAL = 'traffic-refusal'

const EXCHANGE_NAMES: Record<TrafficDraft['exchange'], string> = {
  echo: 'echo',
  hold: 'hold open',
  close: 'close immediately',
  send: 'send only',
  dns: 'DNS query',
}

export function TrafficForm({ lab, endpoint }: { lab: Lab; endpoint: string }) {
  const [draft, set] = useTrafficDraft()
  const { send } = useLabActions()
  const { protocol } = lab.request
  const exchange = exchangeFor(lab.request, draft.exchange)
  const open = useSession(({ client }) => client !== null)
  const refused = useRequests(({ problems }) => problems.traffic ?? null)
  const wrongBy = (field: string) => (refused?.field === field ? REFUSAL : null)
  const { field, number } = draftFields(draft, set, wrongBy)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void send(lab)
  }
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <SegmentedControl
        className={css.wide}
        label={protocol === 'tcp' ? 'Each connection' : 'Each datagram'}
        value={exchange}
        change={(exchange) => set({ exchange })}
        options={exchangesOf(lab.request).map((name) => [name, EXCHANGE_NAMES[name]] as const)}
        wrongBy={wrongBy('exchange')}
      />
      <NumberField label="Rate per second" {...field('rate')} empty="no limit" whole={false} />
      <NumberField label="Total" {...number('count')} />
      <NumberField label="Max duration (s)" {...number('seconds')} whole={false} />
      <MoreFields className={css.wide}>
        <div className={css.form}>
          <NumberField label="Source addresses" {...number('sources')} />
          {protocol === 'udp' && <NumberField label="Clients" {...number('flows')} />}
          <NumberField label="Threads" {...number('threads')} />
        </div>
      </MoreFields>
      <div className={clsx(control.row, labForm.start, css.start, css.wide)}>
        {refused === null ? (
          <p className={clsx(text.second, labForm.will)}>{sendSentence({ ...draft, exchange }, protocol, endpoint)}</p>
        ) : (
          <ErrorText problem={refused} id={REFUSAL} />
        )}
        <Button look="primary" type="submit" isDisabled={!open || openMembers(lab.members) === 0}>
          <Icon name="play" />
          Send
        </Button>
      </div>
    </form>
  )
}
