/** In the status line: connections that are made, and what is lost, by the kernel's counters of its namespaces. */
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { type CounterRate, type CountersAt, counterRates } from '../../model/counter-rates.ts'
import { pause } from '../../model/pause.ts'
import { useSession } from '../../model/store/context.ts'
import { formatRate } from '../../ui/format.ts'
import css from './counter-rates.module.css'

/** Time over which a rate is taken, in milliseconds. */
const EVERY_MS = 2000

/** By their names in /proc/net/netstat and snmp. Losses are shown only while there are some. */
const COUNTERS: Readonly<Record<string, { text: string; loss: boolean }>> = {
  PassiveOpens: { text: 'TCP connections that clients made to listeners', loss: false },
  ListenOverflows: { text: 'TCP connections that found a full accept queue', loss: true },
  ListenDrops: {
    text: 'TCP connections that a listener dropped, those that found its queue full among them',
    loss: true,
  },
  RcvbufErrors: { text: 'UDP datagrams that found a full receive queue', loss: true },
}

export function CounterRates() {
  return useRates().map(({ name, perSecond }) => {
    const { text = '', loss = false } = COUNTERS[name] ?? {}
    if (loss && perSecond === 0) return null
    return (
      <span
        key={name}
        className={clsx(css.rate, loss && css.loss)}
        title={`${text}, per second, in all network namespaces that can be read`}
      >
        {name} <b>{formatRate(perSecond)}</b>/s
      </span>
    )
  })
}

/** Asks while live data is shown. Empty until there are two answers. */
function useRates(): readonly CounterRate[] {
  const client = useSession((session) => (session.source === null ? session.client : null))
  const paused = useSession((session) => session.sampling?.paused ?? true)
  const [rates, setRates] = useState<readonly CounterRate[]>([])
  useEffect(() => {
    setRates([])
    if (client === null || paused) return
    const end = new AbortController()
    const follow = async () => {
      let before: CountersAt | null = null
      while (!end.signal.aborted) {
        const counters = await client.machine.counters(undefined, { signal: end.signal })
        const after = { counters, at: performance.now() }
        if (before !== null && !end.signal.aborted) setRates(counterRates(before, after, Object.keys(COUNTERS)))
        before = after
        await pause(EVERY_MS, end.signal)
      }
    }
    // A lost link is said elsewhere; with the next one there is another client.
    follow().catch(() => undefined)
    return () => end.abort()
  }, [client, paused])
  return rates
}
