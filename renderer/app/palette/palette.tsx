/** Ctrl+K: finds any command or group by part of its name. */
import { clsx } from 'clsx'
import { useState } from 'react'
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField } from 'react-aria-components'
import dialogs from '../../ui/dialogs.module.css'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { useDialog, usePage } from '../page.tsx'
import type { Command } from './command.ts'
import { commands, groupCommands, portCommands } from './commands.ts'
import css from './palette.module.css'

export function Palette() {
  const [open, setOpen] = useDialog('palette')
  return (
    <ModalOverlay className={dialogs.overlay} isDismissable isOpen={open} onOpenChange={setOpen}>
      <Modal className={clsx(dialogs.dialog, css.palette)}>
        <Dialog aria-label="Commands">
          {/* The field would use the first Escape to clear what was typed. */}
          <div
            role="presentation"
            className={css.commands}
            onKeyDownCapture={(event) => {
              if (event.key !== 'Escape') return
              event.stopPropagation()
              setOpen(false)
            }}
          >
            <Commands />
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function Commands() {
  const [typed, setTyped] = useState('')
  const page = usePage()
  const known = commands(page).filter(({ name, often }) => (typed === '' ? often : matchesTyped(name, typed)))
  const found = [...known, ...portCommands(typed), ...groupCommands(page.store, typed)]
  const run = (command: Command) => {
    page.dialogs.setState({ open: 'none' })
    command.run()
  }
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped}>
      <SearchField aria-label="Command or group" autoFocus className={css.search}>
        <Icon name="search" dim />
        <Input placeholder="A command, or a group by address, port or owner" />
      </SearchField>
      <Menu
        className={menu.menu}
        aria-label="Commands and groups"
        items={found}
        renderEmptyState={() => <p className={css.nothing}>No command or group matches “{visibleText(typed)}”.</p>}
      >
        {(command) => (
          <MenuItem id={command.id} textValue={command.name} onAction={() => run(command)}>
            <Icon name={command.icon} />
            <span>{command.name}</span>
            <span className={menu.aside}>{command.aside}</span>
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
