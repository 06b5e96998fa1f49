/** The options of test listeners under "More options". */

import { Chooser, NumberBox, Segments } from '../ui/fields.tsx'
import { useActs } from './acts.ts'
import { useListenDraft } from './draft.ts'
import { STEERING_NAMES, WAITING_NAMES } from './lab-words.ts'

/** The contract's names of the fields shown here. */
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
        label="Accept model"
        value={draft.taking}
        change={(taking) => set({ taking })}
        options={[
          ['reuseport', 'socket per worker'],
          ['shared', 'shared socket'],
          ['dispatcher', 'dispatcher'],
        ]}
        wrongBy={wrongBy('taking')}
      />
      {draft.taking === 'reuseport' && draft.reuseport && (
        <Chooser
          className="two"
          label="Steering"
          value={draft.steering}
          change={(steering) => set({ steering })}
          options={STEERINGS.map((name) => ({ name, text: STEERING_NAMES[name] }))}
          wrongBy={wrongBy('steering')}
        />
      )}
      {draft.taking === 'shared' && (
        <Chooser
          className="two"
          label="Wait strategy"
          value={draft.waiting}
          change={(waiting) => set({ waiting })}
          options={WAITINGS.map((name) => ({ name, text: WAITING_NAMES[name] }))}
          wrongBy={wrongBy('waiting')}
        />
      )}
      {draft.taking === 'reuseport' && draft.steering === 'member' && (
        <NumberBox
          label="Steer to member"
          value={draft.steeredTo + 1}
          change={(number) => set({ steeredTo: (number ?? Number.NaN) - 1 })}
          wrongBy={wrongBy('steeredTo')}
        />
      )}
      {draft.protocol === 'udp' && (
        <Segments
          className="three"
          label="Reply"
          value={draft.answer}
          change={(answer) => set({ answer })}
          options={[
            ['echo', 'echo'],
            ['dns', 'DNS'],
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
            ['system', 'system default'],
            ['on', 'yes'],
            ['off', 'no'],
          ]}
          wrongBy={wrongBy('v6only')}
        />
      )}
      <Chooser
        className="two"
        label="Bind to interface"
        value={draft.interface ?? ''}
        change={(name) => set({ interface: name === '' ? null : name })}
        options={[{ name: '', text: 'any' }, ...interfaces.map((name) => ({ name, text: name }))]}
        wrongBy={wrongBy('interface')}
      />
      <NumberBox
        className="two"
        label="Receive buffer (bytes)"
        value={draft.receiveBuffer}
        change={(receiveBuffer) => set({ receiveBuffer })}
        empty="system default"
        wrongBy={wrongBy('receiveBuffer')}
      />
    </>
  )
}
