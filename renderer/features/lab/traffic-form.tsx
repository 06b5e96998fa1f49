/** The form for traffic to a lab: limited in count and time, and only to the lab's own endpoint. */
import { clsx } from 'clsx'
import type { FormEvent } from 'react'
import { Disclosure, DisclosurePanel } from 'react-aria-components'
import type { Lab } from '../../../electron/contract/lab.ts'
import { useSession } from '../../model/store/context.ts'
import { NumberField } from '../../ui/fields.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import { Button } from '../../ui/widgets.tsx'
import { exchangeFor, exchangesOf, type TrafficDraft } from './draft.ts'
import { ErrorText } from './error-text.tsx'
import labForm from './lab-form.module.css'
import { openMembers, sendSentence } from './lab-texts.ts'
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
      <NumberField
        label="Rate per second"
        value={draft.rate}
        change={(rate) => set({ rate })}
        empty="no limit"
        whole={false}
        wrongBy={wrongBy('rate')}
      />
      <NumberField
        label="Total"
        value={draft.count}
        change={(count) => set({ count: count ?? Number.NaN })}
        wrongBy={wrongBy('count')}
      />
      <NumberField
        label="Max duration (s)"
        value={draft.seconds}
        change={(seconds) => set({ seconds: seconds ?? Number.NaN })}
        whole={false}
        wrongBy={wrongBy('seconds')}
      />
      <Disclosure className={clsx(labForm.more, css.wide)}>
        <Button look="quiet" slot="trigger">
          <Icon name="right" />
          More options
        </Button>
        <DisclosurePanel>
          <div className={css.form}>
            <NumberField
              label="Source addresses"
              value={draft.sources}
              change={(sources) => set({ sources: sources ?? Number.NaN })}
              wrongBy={wrongBy('sources')}
            />
            {protocol === 'udp' && (
              <NumberField
                label="Clients"
                value={draft.flows}
                change={(flows) => set({ flows: flows ?? Number.NaN })}
                wrongBy={wrongBy('flows')}
              />
            )}
            <NumberField
              label="Threads"
              value={draft.threads}
              change={(threads) => set({ threads: threads ?? Number.NaN })}
              wrongBy={wrongBy('threads')}
            />
          </div>
        </DisclosurePanel>
      </Disclosure>
      <div className={clsx(labForm.start, css.start, css.wide)}>
        {refused === null ? (
          <p className={labForm.will}>{sendSentence({ ...draft, exchange }, protocol, endpoint)}</p>
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
