/** A BPF reader whose program runs while somebody needs its readings. */
import { Lease } from '../common/lease.ts'
import { BpfReader, type Readings, type StartBpfProgram } from './bpf-reader.ts'

type Uses<Verb extends keyof Readings> = {
  /** Why there is nothing where there is no program to start. */
  readonly without: string
  /** Takes a part of a reading. */
  readonly take: (part: Readings[Verb]) => void
  /** The program has ended, because nobody needs it, or because it failed: what was taken is no longer true. */
  readonly forget: () => void
}

export class DemandedReader<Verb extends keyof Readings> {
  /** Why there are no readings; null where there are, or where none was tried. */
  unavailable: string | null
  readonly #start: StartBpfProgram | null
  readonly #verb: Verb
  readonly #uses: Uses<Verb>
  readonly #lease = new Lease(() => this.#stop())
  #reader: BpfReader<Verb> | null = null
  #reading: Promise<void> | null = null

  /** `start`: the BPF reader; null: there is none. */
  constructor(start: StartBpfProgram | null, verb: Verb, uses: Uses<Verb>) {
    this.#start = start
    this.#verb = verb
    this.#uses = uses
    this.unavailable = start === null ? uses.without : null
  }

  /** Somebody needs it. */
  get active(): boolean {
    return this.#lease.active
  }

  /** Somebody needs it now, and for at least this long. */
  need(forMs: number): void {
    if (this.unavailable === null) this.#lease.extend(forMs)
  }

  /**
   * A reading, or the end of one that is going on, while somebody needs it. 'due': only where that keeps within the
   * reader's share of time. Never rejects: where it fails, `unavailable` says why, and nothing is tried again.
   */
  async read(when: 'now' | 'due'): Promise<void> {
    if (!this.active || this.#start === null) return
    this.#reader ??= new BpfReader(this.#start, this.#verb)
    const reader = this.#reader
    if (when === 'due' && !reader.due) return
    if (this.#reading === null) {
      const reading = this.#read(reader).finally(() => {
        if (this.#reading === reading) this.#reading = null
      })
      this.#reading = reading
    }
    await this.#reading
  }

  close(): void {
    this.#stop()
    this.unavailable ??= 'the engine is closed'
  }

  async #read(reader: BpfReader<Verb>): Promise<void> {
    const complete = await reader.read((part) => {
      // It was stopped meanwhile.
      if (reader === this.#reader) this.#uses.take(part)
    })
    if (complete || reader !== this.#reader) return
    this.unavailable = reader.unavailable
    this.#stop()
  }

  #stop(): void {
    this.#lease.end()
    this.#reader?.close()
    this.#reader = null
    this.#reading = null
    this.#uses.forget()
  }
}
