/** A field for a port: Enter shows it. */
import { clsx } from 'clsx'
import { useState } from 'react'
import { goTo, portPlaceOf } from '../../model/route.ts'
import control from '../../ui/control.module.css'
import css from './port-input.module.css'

export function PortInput({ focused = false }: { focused?: boolean }) {
  const [typed, setTyped] = useState('')
  const { port, protocol } = portPlaceOf(typed)
  const wrong = typed !== '' && port === undefined
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (port === undefined) return
        setTyped('')
        goTo({ screen: 'port', port, ...(protocol !== undefined && { protocol }) })
      }}
    >
      <input
        // The screen has nothing else to do.
        // biome-ignore lint/a11y/noAutofocus: it asks for a port and for nothing else
        autoFocus={focused}
        className={clsx(control.control, css.input)}
        aria-label="Port"
        aria-invalid={wrong || undefined}
        title="1 to 65535, or a form such as 8080/udp"
        placeholder={focused ? '8080/udp' : 'another port'}
        spellCheck="false"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {wrong && <span role="status">1 to 65535, or 8080/udp</span>}
    </form>
  )
}
