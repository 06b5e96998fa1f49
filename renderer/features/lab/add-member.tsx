/** Adds a listener on the same port, optionally as another user or without the option, to see how `bind()` responds. */
import { clsx } from 'clsx'
import { useContext, useId, useState } from 'react'
import { DialogTrigger, OverlayTriggerStateContext, Popover } from 'react-aria-components'
import type { Lab } from '../../../electron/contract/lab.ts'
import { useSession } from '../../model/store/context.ts'
import { Checkbox } from '../../ui/choices.tsx'
import { Select } from '../../ui/fields.tsx'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { Button } from '../../ui/widgets.tsx'
import css from './add-member.module.css'
import { ErrorText } from './error-text.tsx'
import labForm from './lab-form.module.css'
import { useLabActions, useRequests } from './store.ts'

export function AddMember({ lab }: { lab: Lab }) {
  const title = useId()
  const open = useSession(({ client }) => client !== null)
  const { clearError } = useLabActions()
  return (
    <DialogTrigger onOpenChange={() => clearError('add')}>
      <Button isDisabled={!open}>
        <Icon name="add" />
        Add a listener
      </Button>
      <Popover className={clsx(menu.float, menu.card, css.form)} placement="bottom end" aria-labelledby={title}>
        <AddForm lab={lab} title={title} />
      </Popover>
    </DialogTrigger>
  )
}

/** `title` is the id of its heading, which labels the popover. */
function AddForm({ lab, title }: { lab: Lab; title: string }) {
  const popover = useContext(OverlayTriggerStateContext)
  const { request, id } = lab
  const [user, setUser] = useState('')
  const [reuseport, setReuseport] = useState(request.reuseport)
  const [reuseaddr, setReuseaddr] = useState(request.reuseaddr)
  const choices = useRequests(({ choices }) => choices)
  const refused = useRequests(({ problems }) => problems.add ?? null)
  const { addMember } = useLabActions()
  const add = async () => {
    if (await addMember(id, { user: user === '' ? null : user, reuseport, reuseaddr })) popover?.close()
  }
  return (
    <>
      <h2 id={title}>Add a listener</h2>
      <Select
        label="User"
        value={user}
        change={setUser}
        options={[
          { name: '', text: request.user ?? choices?.user ?? 'you', aside: 'same as the others' },
          ...(choices?.users ?? []).map((name) => ({ name, text: name })),
        ]}
      />
      <div className={labForm.ticks}>
        <Checkbox text="reuseport" ticked={reuseport} change={setReuseport} />
        <Checkbox text="reuseaddr" ticked={reuseaddr} change={setReuseaddr} />
      </div>
      {refused !== null && <ErrorText problem={refused} />}
      <Button look="primary" onPress={() => void add()}>
        Add
      </Button>
    </>
  )
}
