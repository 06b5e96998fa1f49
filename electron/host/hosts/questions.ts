/** Questions that wait for the user's answer, one after the other. */
import { randomBytes } from 'node:crypto'
import type { HostQuestion } from '../../contract/hosts.ts'

type Waiting = { readonly question: HostQuestion; readonly answer: (text: string | null) => void }

export class Questions {
  readonly #waiting: Waiting[] = []
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** The question to show; null where there is none. */
  get current(): HostQuestion | null {
    return this.#waiting[0]?.question ?? null
  }

  /** Resolves to the answer; to null where it is canceled. */
  ask({ kind, text }: Pick<HostQuestion, 'kind' | 'text'>): Promise<string | null> {
    const id = randomBytes(8).toString('hex')
    const question: HostQuestion = { id, kind, text: text.slice(0, 4000), askedAt: new Date().toISOString() }
    return new Promise((answer) => {
      this.#waiting.push({ question, answer })
      this.#onChange()
    })
  }

  /** Whether this question was waiting. */
  answer(id: string, text: string | null): boolean {
    const at = this.#waiting.findIndex(({ question }) => question.id === id)
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1)
    waiting?.answer(text)
    if (waiting !== undefined) this.#onChange()
    return waiting !== undefined
  }

  /** What shows no answer, such as "touch your key", is over once something else happened. */
  dropNotices(): void {
    for (const { question } of [...this.#waiting]) if (question.kind === 'notice') this.answer(question.id, null)
  }

  cancelAll(): void {
    for (const { answer } of this.#waiting.splice(0)) answer(null)
  }
}
