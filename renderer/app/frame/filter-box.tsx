/** The filter box. Finished words become tokens; the word being typed stays text. */
import { clsx } from 'clsx'
import { useId, useMemo, useRef, useState } from 'react'
import { type Completion, complete } from '../../../electron/contract/filter/complete.ts'
import type { Term } from '../../../electron/contract/filter/filter.ts'
import { usePageStore, useView } from '../../model/store/context.ts'
import { countOf } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { KeyHint } from '../../ui/widgets.tsx'
import { FILTER_INPUT_ID, focusTable } from '../focus.ts'
import css from './filter-box.module.css'

export function FilterBox() {
  const filter = useView((view) => view.filter)
  const { subjects, setFilter } = usePageStore().view
  const [focused, setFocused] = useState(false)
  // Typing or the down arrow opens the list; an empty box stays closed.
  const [list, setList] = useState<'auto' | 'open' | 'closed'>('auto')
  const [active, setActive] = useState(-1)
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()
  const errorId = useId()

  // The word being typed is the last one, unless a space ended it.
  const draftTerm = /\s$/.test(filter.text) ? undefined : filter.terms.at(-1)
  const editing = focused && draftTerm !== undefined
  const finished = editing ? filter.terms.slice(0, -1) : filter.terms
  const draft = editing ? draftTerm.raw : ''
  const open = focused && (list === 'open' || (list === 'auto' && draft !== ''))
  const finishedText = finished.map(({ raw }) => raw).join(' ')
  const offers = useMemo(
    () => (open ? complete(finishedText, draft, subjects()) : []),
    [open, finishedText, draft, subjects],
  )
  const shown = open && offers.length > 0

  const write = (terms: readonly Term[], rest: string) => {
    setActive(-1)
    setList('auto')
    setFilter(terms.map(({ raw }) => `${raw} `).join('') + rest)
  }
  const take = (offer: Completion) => {
    write(finished, offer.text + (offer.text.endsWith(':') ? '' : ' '))
    input.current?.focus()
  }
  const remove = (term: Term) => {
    write(
      finished.filter((one) => one !== term),
      draft,
    )
    input.current?.focus()
  }

  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    const offer = shown ? offers[active] : undefined
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!shown) setList('open')
      const step = event.key === 'ArrowDown' ? 1 : -1
      setActive((at) =>
        offers.length === 0 ? -1 : (Math.max(at, step > 0 ? -1 : 0) + step + offers.length) % offers.length,
      )
    } else if (event.key === 'Tab' && !event.shiftKey && offer) {
      // Only one that was chosen with the arrow keys: otherwise Tab leaves the filter as it is.
      event.preventDefault()
      take(offer)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (offer) take(offer)
      else {
        if (draft !== '') write(finished, `${draft} `)
        focusTable()
      }
    } else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      if (shown) setList('closed')
      else if (filter.text !== '') write([], '')
      else focusTable()
    } else if (event.key === 'Backspace' && draft === '' && finished.length > 0) {
      event.preventDefault()
      // The last token becomes text again.
      write(finished.slice(0, -1), finished.at(-1)?.raw ?? '')
    }
  }

  const error = filter.terms.find((term) => term.error !== null && (term !== draftTerm || !focused))?.error ?? null
  const draftError = editing && draftTerm.value !== '' ? draftTerm.error : null
  const shownError = error ?? draftError

  return (
    <search className={clsx(css.filter, focused && css.active)}>
      <Icon name="search" dim />
      {finished.map((term) => (
        <Token key={`${term.start} ${term.raw}`} term={term} remove={() => remove(term)} />
      ))}
      <input
        ref={input}
        id={FILTER_INPUT_ID}
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-expanded={shown}
        aria-controls={shown ? listId : undefined}
        aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
        aria-autocomplete="list"
        aria-invalid={shownError !== null}
        aria-describedby={shownError === null ? undefined : errorId}
        autoComplete="off"
        spellCheck={false}
        placeholder={finished.length === 0 ? 'Filter: text, port:443, user:root, finding:*' : ''}
        value={draft}
        onChange={(event) => write(finished, event.target.value)}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false)
          setList('auto')
          setActive(-1)
        }}
      />
      {!shown && shownError !== null && (
        <span className={css.error} id={errorId} role="status" title={shownError}>
          {shownError}
        </span>
      )}
      <KeyHint>/</KeyHint>
      {shown && (
        <div className={css.completion} onMouseDown={(event) => event.preventDefault()}>
          <ul id={listId} role="listbox" aria-label="Completion">
            {offers.map((offer, at) => (
              <Offer
                key={offer.text}
                id={`${listId}-${at}`}
                offer={offer}
                typed={draft}
                active={at === active}
                take={() => take(offer)}
              />
            ))}
          </ul>
          {shownError !== null && (
            <p className={css.wrong} id={errorId}>
              {shownError}
            </p>
          )}
          <p>
            <span>
              <KeyHint>↑</KeyHint> <KeyHint>↓</KeyHint> choose
            </span>
            <span>
              <KeyHint>Enter</KeyHint> complete, or apply
            </span>
            <span>
              <KeyHint>Tab</KeyHint> leave
            </span>
            <span className={css.aside}>plain words match any column</span>
          </p>
        </div>
      )}
    </search>
  )
}

function Token({ term, remove }: { term: Term; remove: () => void }) {
  const colon = term.key === null ? -1 : term.raw.indexOf(':')
  return (
    <span className={clsx(css.token, term.error !== null && css.wrong)} title={term.error ?? undefined}>
      <span className={css.key}>{term.raw.slice(0, colon + 1)}</span>
      {visibleText(term.raw.slice(colon + 1))}
      <button type="button" aria-label={`Remove ${visibleText(term.raw)}`} onClick={remove}>
        <Icon name="close" />
      </button>
    </span>
  )
}

function Offer(props: { id: string; offer: Completion; typed: string; active: boolean; take: () => void }) {
  const { offer, typed } = props
  const known = offer.text.toLowerCase().startsWith(typed.toLowerCase()) ? typed.length : 0
  return (
    <li id={props.id} role="option" aria-selected={props.active} onPointerUp={props.take}>
      <code>
        <b>{visibleText(offer.text.slice(0, known))}</b>
        {visibleText(offer.text.slice(known))}
      </code>
      <span className={clsx(text.cut, text.second)}>{offer.meaning}</span>
      <span className={text.second}>{offer.count === null ? '' : countOf(offer.count, 'group')}</span>
    </li>
  )
}
