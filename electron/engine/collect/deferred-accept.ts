/**
 * Where a listener's drop counter may include more than losses. With TCP_DEFER_ACCEPT it also counts the bare ACK of
 * each healthy connection that waits for its data (tcp_check_req(), net/ipv4/tcp_minisocks.c); the network namespace
 * counts those as TCPDeferAcceptDrop. Where that is 0, no listener there counted any, whatever its options.
 */
import { readFileSync } from 'node:fs'
import type { Reader } from '../../../native/index.ts'
import { parseCounters } from './namespace-counters.ts'

export class DeferredAccepts {
  readonly #reader: Pick<Reader, 'within'>
  /** The counter only grows: once above 0 it need not be read again. */
  readonly #counted = new Set<number>()
  #refresh = 0
  #none = new Set<number>()

  constructor(reader: Pick<Reader, 'within'>) {
    this.#reader = reader
  }

  /**
   * Whether a listener of this namespace may have counted such ACKs so far; true where that cannot be read. About 0.1
   * ms, once per refresh.
   */
  in(netns: number, refresh: number): boolean {
    if (refresh !== this.#refresh) this.#none = new Set()
    this.#refresh = refresh
    if (this.#counted.has(netns)) return true
    if (this.#none.has(netns)) return false
    const drops = this.#read(netns)
    if (drops === 0) this.#none.add(netns)
    else if (drops !== undefined) this.#counted.add(netns)
    return drops !== 0
  }

  #read(netns: number): number | undefined {
    try {
      const text = this.#reader.within(netns, () => readFileSync('/proc/thread-self/net/netstat', 'utf8'))
      return parseCounters(text).get('TCPDeferAcceptDrop')
    } catch {
      return undefined
    }
  }
}
