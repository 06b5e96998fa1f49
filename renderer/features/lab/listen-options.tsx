/** The options of test listeners under "More options". */
import { NumberField, Select } from '../../ui/fields.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import { draftFields } from './draft-fields.ts'
import labForm from './lab-form.module.css'
import { STEERING_NAMES, WAITING_NAMES } from './lab-texts.ts'
import { useListenDraft, useRequests } from './store.ts'

/** The contract's names of the fields shown here. */
export const MORE_FIELDS: readonly string[] = [
  'acceptModel',
  'waitStrategy',
  'steering',
  'steerTo',
  'v6only',
  'interface',
  'receiveBuffer',
  'reply',
]

const STEERINGS = ['hash', 'random', 'cpu', 'source-port', 'member', 'sock-array'] as const
const WAITINGS = ['accept', 'epoll', 'epoll-exclusive'] as const

export function MoreOptions({ wrongBy }: { wrongBy: (field: string) => string | null }) {
  const [draft, set] = useListenDraft()
  const { field } = draftFields(draft, set, wrongBy)
  const interfaces = useRequests(({ choices }) => choices?.interfaces) ?? []
  return (
    <>
      <SegmentedControl
        className={labForm.three}
        label="Accept model"
        {...field('acceptModel')}
        options={[
          ['reuseport', 'socket per worker'],
          ['shared', 'shared socket'],
          ['dispatcher', 'dispatcher'],
        ]}
      />
      {draft.acceptModel === 'reuseport' && draft.reuseport && (
        <Select
          className={labForm.two}
          label="Steering"
          {...field('steering')}
          options={STEERINGS.map((name) => ({ name, text: STEERING_NAMES[name] }))}
        />
      )}
      {draft.acceptModel === 'shared' && (
        <Select
          className={labForm.two}
          label="Wait strategy"
          {...field('waitStrategy')}
          options={WAITINGS.map((name) => ({ name, text: WAITING_NAMES[name] }))}
        />
      )}
      {draft.acceptModel === 'reuseport' && draft.steering === 'member' && (
        <NumberField
          label="Steer to member"
          value={draft.steerTo + 1}
          change={(number) => set({ steerTo: (number ?? Number.NaN) - 1 })}
          wrongBy={wrongBy('steerTo')}
        />
      )}
      {draft.protocol === 'udp' && (
        <SegmentedControl
          className={labForm.three}
          label="Reply"
          {...field('reply')}
          options={[
            ['echo', 'echo'],
            ['dns', 'DNS'],
          ]}
        />
      )}
      {draft.address.includes(':') && (
        <SegmentedControl
          className={labForm.three}
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
      <Select
        className={labForm.two}
        label="Bind to interface"
        value={draft.interface ?? ''}
        change={(name) => set({ interface: name === '' ? null : name })}
        options={[{ name: '', text: 'any' }, ...interfaces.map((name) => ({ name, text: name }))]}
        wrongBy={wrongBy('interface')}
      />
      <NumberField
        className={labForm.two}
        label="Receive buffer (bytes)"
        {...field('receiveBuffer')}
        empty="system default"
      />
    </>
  )
}
