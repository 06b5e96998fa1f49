/** The menu of one row: what can be done with the group, and copied of it. */
import { useRef } from 'react'
import { Menu, MenuItem, Popover, Separator } from 'react-aria-components'
import { quoteValue } from '../../../electron/contract/filter/parse.ts'
import { endpoint } from '../../../electron/contract/format.ts'
import { MUTE_TIMES, type MuteTime, useMuting } from '../../model/findings/mute.ts'
import { showCommand, ssCommand } from '../../model/groups/group-commands.ts'
import type { GroupEntry } from '../../model/groups/group-table.ts'
import { goTo } from '../../model/route.ts'
import { usePageStore, useSession } from '../../model/store/context.ts'
import { countOf } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { nameInText, visibleText } from '../../ui/visible-text.ts'
import css from './row-menu.module.css'

/** The group, and where the menu opens, in pixels of the window. */
export type MenuPlace = { readonly entry: GroupEntry; readonly x: number; readonly y: number }

export function RowMenu({ place, close }: { place: MenuPlace; close: () => void }) {
  const anchor = useRef<HTMLSpanElement>(null)
  const { entry, x, y } = place
  const { row } = entry
  const { view, notices, changeSettings } = usePageStore()
  const pinned = useSession(({ settings }) => settings?.pinnedGroups) ?? []
  const isPinned = pinned.includes(entry.id)
  const [owner] = row.owners
  const { muteAll, unmute } = useMuting()
  const heard = entry.findings.filter(({ muted }) => !muted)
  const mutedNames = useSession(({ settings }) => settings?.mutedFindings) ?? []
  // Where the whole type is muted, that would be heard again in every group.
  const muted = entry.findings.filter(({ id, code }) => mutedNames.includes(id) && !mutedNames.includes(code))
  const copies: Record<string, string> = {
    endpoint: endpoint(row),
    ss: ssCommand(row),
    show: showCommand(row),
    pids: row.pids.join(' '),
    id: row.id,
  }
  const copy = (text: string) =>
    void navigator.clipboard.writeText(visibleText(text)).then(
      () => notices.show({ text: `Copied: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}` }),
      () => notices.show({ text: 'The browser did not allow the copy.', failed: true }),
    )
  const act = (key: string) => {
    const text = copies[key]
    if (text !== undefined) copy(text)
    else if (isMuteTime(key)) {
      muteAll(
        heard.map(({ id }) => id),
        key,
      )
    } else if (key === 'unmute') unmute(...muted)
    else if (key === 'open') goTo({ screen: 'group', id: entry.id })
    else if (key === 'pin') {
      void changeSettings(({ pinnedGroups }) => {
        const others = pinnedGroups.filter((id) => id !== entry.id)
        return { pinnedGroups: isPinned ? others : [...others, entry.id].slice(-100) }
      })
    } else if (key === 'port') view.setFilter(`port:${row.port} `)
    else if (key === 'owner' && owner) view.setFilter(`owner:${quoteValue(owner.command)} `)
  }
  return (
    <>
      <span ref={anchor} className={css.anchor} style={{ left: x, top: y }} />
      <Popover
        className={menu.float}
        triggerRef={anchor}
        isOpen
        placement="bottom start"
        aria-label={`Group ${endpoint(row)}`}
        onOpenChange={(open) => !open && close()}
      >
        <Menu
          className={menu.menu}
          aria-label={`Group ${endpoint(row)}`}
          autoFocus="first"
          onAction={(key) => act(String(key))}
          onClose={close}
        >
          <Item id="open" icon="arrow" text="Open" aside="Enter" />
          <Item id="pin" icon="pin" text={isPinned ? 'Unpin' : 'Pin to the top'} />
          <Separator className={css.line} />
          <Item id="endpoint" icon="copy" text="Copy endpoint" aside="C" />
          <Item id="ss" icon="copy" text="Copy ss line" />
          <Item id="show" icon="copy" text="Copy show line" />
          {row.pids.length > 0 && <Item id="pids" icon="copy" text={`Copy ${countOf(row.pids.length, 'pid')}`} />}
          <Item id="id" icon="copy" text="Copy id" />
          {entry.findings.length > 0 && <Separator className={css.line} />}
          {heard.length > 0 &&
            MUTE_CHOICES.map(([time, words]) => (
              <Item key={time} id={time} icon="mute" text={`Mute ${countOf(heard.length, 'finding')} ${words}`} />
            ))}
          {muted.length > 0 && <Item id="unmute" icon="mute" text={`Unmute ${countOf(muted.length, 'finding')}`} />}
          <Separator className={css.line} />
          <Item id="port" icon="search" text={`Everything on port ${row.port}`} />
          {owner && <Item id="owner" icon="search" text={`Everything of ${nameInText(owner.command)}`} />}
        </Menu>
      </Popover>
    </>
  )
}

const MUTE_CHOICES: readonly (readonly [MuteTime, string])[] = [
  ['hour', 'for 1 hour'],
  ['day', 'for 1 day'],
  ['forever', 'forever'],
]

function isMuteTime(key: string): key is MuteTime {
  return Object.hasOwn(MUTE_TIMES, key)
}

function Item(props: { id: string; icon: Parameters<typeof Icon>[0]['name']; text: string; aside?: string }) {
  return (
    <MenuItem id={props.id} textValue={props.text} className={css.item}>
      <Icon name={props.icon} />
      <span>{props.text}</span>
      {props.aside !== undefined && <span className={menu.aside}>{props.aside}</span>}
    </MenuItem>
  )
}
