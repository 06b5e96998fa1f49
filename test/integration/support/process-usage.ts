/** Resource use of an unmodified process: from /proc, and from its V8 inspector. */
import { readdirSync, readFileSync } from 'node:fs'
import { WebSocket } from 'ws'

export type ProcessUsage = { readonly descriptors: number; readonly threads: number; readonly children: number }

export function usageOf(pid: number): ProcessUsage {
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    children: childrenOf(pid).length,
  }
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    } catch {
      return []
    }
  })
}

/** Resident memory, in bytes. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

/** The median; the lower one of an even number. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN
}

/**
 * Growth of a value from the first of these measurements to the last, by the median of the slopes between all pairs
 * (Theil and Sen): a third of the measurements may be outliers without effect.
 */
export function growth(points: readonly { readonly at: number; readonly value: number }[]): number {
  const slopes = points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.value - a.value) / (b.at - a.at)))
  const times = points.map(({ at }) => at)
  return median(slopes) * (Math.max(...times) - Math.min(...times))
}

export type Inspected = AsyncDisposable & {
  /** Collects all garbage; returns the bytes of the heap in use afterwards. */
  collected(): Promise<number>
  /** Blocks its thread forever, once it handles signals; it has done so when it writes `held up` to standard error. */
  holdUp(): void
}

const HOLD_UP = `
  (function look() {
    if (process.listenerCount('SIGTERM') === 0) return setTimeout(look, 1)
    process._rawDebug('held up')
    for (;;);
  })()
`

type Result = { readonly usedSize?: number; readonly exceptionDetails?: unknown }

/** A process started with `--inspect`, whose address is on its standard error. */
export async function inspect(messages: string): Promise<Inspected> {
  const address = /^Debugger listening on (ws:\S+)$/m.exec(messages)?.[1]
  if (address === undefined) throw new Error(`There is no inspector: ${messages}`)
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  let id = 0
  const ask = (method: string, params = {}) =>
    new Promise<Result>((resolve) => {
      const mine = ++id
      const take = (data: unknown) => {
        const answer = JSON.parse(String(data)) as { id?: number; result: Result }
        if (answer.id !== mine) return
        socket.off('message', take)
        resolve(answer.result)
      }
      socket.on('message', take)
      socket.send(JSON.stringify({ id: mine, method, params }))
    })
  const holdUp = async () => {
    // Node can be inspected before it is complete, and its timers throw then.
    while ((await ask('Runtime.evaluate', { expression: HOLD_UP })).exceptionDetails !== undefined);
  }
  return {
    collected: async () => {
      // Twice: the second one frees what the first one finalized.
      for (let round = 0; round < 2; round++) await ask('HeapProfiler.collectGarbage')
      return (await ask('Runtime.getHeapUsage')).usedSize ?? Number.NaN
    },
    holdUp: () => void holdUp(),
    [Symbol.asyncDispose]: async () => socket.terminate(),
  }
}
