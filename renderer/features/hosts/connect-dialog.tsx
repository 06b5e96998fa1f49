/** Connect to a host: the choice, then what happens while it connects, what ssh asks, and how it ended. */
import { clsx } from 'clsx'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import { connectionOf, useHosts, useHostsOfPage } from '../../model/hosts/hosts.ts'
import dialogs from '../../ui/dialogs.module.css'
import { ChooseHost } from './choose-host.tsx'
import css from './connect-dialog.module.css'
import { ConnectFailed } from './connect-failed.tsx'
import { Connected } from './connected.tsx'
import { Connecting } from './connecting.tsx'
import { Question } from './question.tsx'

export function ConnectDialog({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  const { choose } = useHostsOfPage()
  const chosen = useHosts((hosts) => hosts.chosen)
  const connection = useHosts((hosts) => (chosen === null ? undefined : connectionOf(hosts, chosen)))
  const change = (next: boolean) => {
    setOpen(next)
    if (!next) choose(null)
  }
  return (
    <ModalOverlay className={dialogs.overlay} isDismissable isOpen={open} onOpenChange={change}>
      <Modal className={clsx(dialogs.dialog, css.connect)}>
        <Dialog aria-label="Connect to a host">
          {connection === undefined ? (
            <ChooseHost close={() => change(false)} />
          ) : (
            <State connection={connection} close={() => change(false)} />
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function State({ connection, close }: { connection: HostConnection; close: () => void }) {
  const { name, via, state, about } = connection
  switch (state.phase) {
    case 'connecting':
      return state.question === null ? (
        <Connecting name={name} via={via} steps={state.steps} close={close} />
      ) : (
        <Question key={state.question.id} name={name} question={state.question} close={close} />
      )
    case 'connected':
      return <Connected connection={connection} state={state} close={close} />
    case 'lost':
    case 'failed':
      return <ConnectFailed name={name} failure={state.failure} before={about !== null} close={close} />
  }
}
