/** A BPF reader whose program runs while somebody needs its readings. */
import { Lease } from '../common/lease.ts'
import { BpfReader, type Readings, type StartBpfProgram } from './bpf-reader.ts'

export abstract class DemandedReader<Verb extends keyof Readings> {
  /** Why there are no readings; null where there are, or where none was tried. */
  unavailable: string | null
  readonly #start: StartBpfProgram | null
  readonly #verb: Verb
  readonly #lease = new Lease(() => this.#stop())
  #reader: BpfReader<Verb> | null = null
  #reading: Promise<void> | null = null

  /** `start`: the BPF reader; null: there is none, and `without` says so. */
  constructor(start: StartBpfProgram | null, verb: Verb, without: string) {
    this.#start = start
    this.#verb = verb
    this.unavailable = start === null ? without : null
  }

  /** Takes a part of a reading. */
  protected abstract take(part: Readings[Verb]): void
  /** The program has ended, because nobody needs it, or because it failed: what was taken is no longer true. */
  protected abstract forget(): void

  /** Somebody needs it now, and for at least this long. */
  protected extend(forMs: number): void {
    if (this.unavailable === null) this.#lease.extend(forMs)
  }

  /**
   * A reading, or the end of one that is going on, while somebody needs it. 'due': only where that keeps within the
   * reader's share of time. Never rejects: where it fails, `unavailable` says why, and nothing is tried again.
   */
  protected async takeReading(when: 'now' | 'due'): Promise<void> {
    if (!this.#lease.active || this.#start === null) return
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
      if (reader === this.#reader) this.take(part)
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
    this.forget()
  }
}
