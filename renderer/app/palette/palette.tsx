/** Ctrl+K: finds any command or group by part of its name. */
import { useState } from 'react'
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField } from 'react-aria-components'
import { useDialogs } from '../dialogs.ts'
import '../dialogs.css'
import { Icon } from '../../ui/icon.tsx'
import { type Command, commands, groupCommands } from './commands.ts'

export function Palette() {
  const open = useDialogs((dialogs) => dialogs.open === 'palette')
  return (
    <ModalOverlay
      className="overlay"
      isDismissable
      isOpen={open}
      onOpenChange={(isOpen) => useDialogs.setState({ open: isOpen ? 'palette' : 'none' })}
    >
      <Modal className="dialog palette">
        <Dialog aria-label="Commands">
          <Commands />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function Commands() {
  const [typed, setTyped] = useState('')
  const known = commands().filter(({ name, often }) => (typed === '' ? often : matchesTyped(name, typed)))
  const found = [...known, ...groupCommands(typed)]
  const run = (command: Command) => {
    useDialogs.setState({ open: 'none' })
    command.run()
  }
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped}>
      <SearchField aria-label="Command or group" autoFocus className="search">
        <Icon name="search" className="dim" />
        <Input placeholder="A command, or a group by address, port or owner" />
      </SearchField>
      <Menu
        className="menu"
        aria-label="Commands and groups"
        items={found}
        renderEmptyState={() => <p className="nothing">No command or group matches “{typed}”.</p>}
      >
        {(command) => (
          <MenuItem id={command.id} textValue={command.name} onAction={() => run(command)}>
            <Icon name={command.icon} />
            <span className="label">{command.name}</span>
            <span className="aside">{command.aside}</span>
          </MenuItem>
        )}
      </Menu>
    </Autocomplete>
  )
}

function matchesTyped(name: string, typed: string): boolean {
  const text = name.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
