/** The Prometheus text format 0.0.4, which node_exporter's textfile collector also reads. */
import { visible } from './visible.ts'

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const LABEL_CHARACTERS = 120

export type Labels = Readonly<Record<string, string>>
type Kind = 'gauge' | 'counter'

/** One metric family. Its samples must be adjacent: they are collected before any is written. */
export class Family {
  readonly #samples: string[] = []
  readonly #name: string
  readonly #kind: Kind
  readonly #help: string

  constructor(name: string, kind: Kind, help: string) {
    this.#name = name
    this.#kind = kind
    this.#help = help
  }

  /** Unknown (null) adds no sample. */
  add(labels: Labels, value: number | null): void {
    if (value === null || !Number.isFinite(value)) return
    this.#samples.push(`${this.#name}${labelsText(labels)} ${value}\n`)
  }

  text(): string {
    if (this.#samples.length === 0) return ''
    return `# HELP ${this.#name} ${this.#help}\n# TYPE ${this.#name} ${this.#kind}\n${this.#samples.join('')}`
  }
}

/** Escaped as the specification asks: backslash, line feed, double quote. */
function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = Array.from(visible(value)).slice(0, LABEL_CHARACTERS).join('')
    return `${name}="${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
