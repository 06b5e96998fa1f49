/** Who uses the port in the filter when no row shows it: connections and TIME_WAIT are in no group. */
import { useEffect, useState } from 'react'
import type { Term } from '../../../electron/contract/filter/filter.ts'
import { useSession, useView } from '../../model/store/context.ts'
import states from '../../ui/states.module.css'
import { visibleText } from '../../ui/visible-text.ts'

/** Debounce, so that a port is not queried digit by digit while it is typed. */
const REST_MS = 300

/** The single port in the filter: `port:8080`, `8080` or `:8080`; null for any other filter. */
export function singlePort(terms: readonly Term[]): number | null {
  const ports = terms
    .filter(({ key, negated }) => !negated && (key === null || key === 'port'))
    .flatMap(({ value }) => /^:?(\d{1,5})$/.exec(value)?.[1] ?? [])
    .map(Number)
    .filter((port) => port >= 1 && port <= 65535)
  return ports.length === 1 ? (ports[0] ?? null) : null
}

export function PortHolders() {
  const port = useView((view) => singlePort(view.filter.terms))
  const engine = useSession(({ client }) => client)
  const live = useSession(({ source }) => source === null)
  const [sentence, setSentence] = useState<{ port: number; text: string } | null>(null)
  useEffect(() => {
    if (engine === null || port === null || !live) return
    const end = new AbortController()
    const ask = () =>
      engine.machine
        .port({ port }, { signal: end.signal })
        .then(({ summary }) => setSentence({ port, text: summary }))
        // On an error the line is left out.
        .catch(() => setSentence(null))
    const timer = setTimeout(ask, REST_MS)
    return () => {
      clearTimeout(timer)
      end.abort()
    }
  }, [engine, port, live])
  if (sentence === null || sentence.port !== port || !live) return null
  return (
    <p className={states.rest} role="status">
      {visibleText(sentence.text)}
    </p>
  )
}
