/** The options of test listeners that the first view leaves out. */

import { Chooser, NumberBox, Segments } from '../ui/fields.tsx'
import { useActs } from './acts.ts'
import { useListenDraft } from './draft.ts'
import { STEERING_NAMES, WAITING_NAMES } from './lab-words.ts'

/** The names that the contract gives to what stands here. */
export const MORE_FIELDS: readonly string[] = [
  'taking',
  'waiting',
  'steering',
  'steeredTo',
  'v6only',
  'interface',
  'receiveBuffer',
  'answer',
]

const STEERINGS = ['hash', 'random', 'cpu', 'source-port', 'member'] as const
const WAITINGS = ['accept', 'epoll', 'epoll-exclusive'] as const

export function MoreOptions({ wrongBy }: { wrongBy: (field: string) => string | null }) {
  const draft = useListenDraft()
  const set = useListenDraft.setState
  const interfaces = useActs(({ choices }) => choices?.interfaces) ?? []
  return (
    <>
      <Segments
        className="three"
        label="Each worker takes from"
        value={draft.taking}
        change={(taking) => set({ taking })}
        options={[
          ['reuseport', 'its own socket'],
          ['shared', 'one shared'],
          ['dispatcher', 'a dispatcher'],
        ]}
        wrongBy={wrongBy('taking')}
      />
      {draft.taking === 'reuseport' && draft.reuseport && (
        <Chooser
          className="two"
          label="Clients are steered"
          value={draft.steering}
          change={(steering) => set({ steering })}
          options={STEERINGS.map((name) => ({ name, text: STEERING_NAMES[name] }))}
          wrongBy={wrongBy('steering')}
        />
      )}
      {draft.taking === 'shared' && (
        <Chooser
          className="two"
          label="Workers wait with"
          value={draft.waiting}
          change={(waiting) => set({ waiting })}
          options={WAITINGS.map((name) => ({ name, text: WAITING_NAMES[name] }))}
          wrongBy={wrongBy('waiting')}
        />
      )}
      {draft.taking === 'reuseport' && draft.steering === 'member' && (
        <NumberBox
          label="Steered to"
          value={draft.steeredTo + 1}
          change={(number) => set({ steeredTo: (number ?? Number.NaN) - 1 })}
          wrongBy={wrongBy('steeredTo')}
        />
      )}
      {draft.protocol === 'udp' && (
        <Segments
          className="three"
          label="They answer"
          value={draft.answer}
          change={(answer) => set({ answer })}
          options={[
            ['echo', 'what they got'],
            ['dns', 'DNS questions'],
          ]}
          wrongBy={wrongBy('answer')}
        />
      )}
      {draft.address.includes(':') && (
        <Segments
          className="three"
          label="IPv6 only"
          value={draft.v6only === null ? 'system' : draft.v6only ? 'on' : 'off'}
          change={(chosen) => set({ v6only: chosen === 'system' ? null : chosen === 'on' })}
          options={[
            ['system', 'as the machine has it'],
            ['on', 'yes'],
            ['off', 'no'],
          ]}
          wrongBy={wrongBy('v6only')}
        />
      )}
      <Chooser
        className="two"
        label="Bound to interface"
        value={draft.interface ?? ''}
        change={(name) => set({ interface: name === '' ? null : name })}
        options={[{ name: '', text: 'any' }, ...interfaces.map((name) => ({ name, text: name }))]}
        wrongBy={wrongBy('interface')}
      />
      <NumberBox
        className="two"
        label="Receive buffer, bytes"
        value={draft.receiveBuffer}
        change={(receiveBuffer) => set({ receiveBuffer })}
        empty="as the machine has it"
        wrongBy={wrongBy('receiveBuffer')}
      />
    </>
  )
}
