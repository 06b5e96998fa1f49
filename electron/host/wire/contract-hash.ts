/** Whether two programs have the same contract, whatever their versions are. */
import { createHash } from 'node:crypto'

/** The sources of the contract; the bundler puts their text in place of this call. */
const sources = import.meta.glob<string>('../../contract/*.ts', { query: '?raw', import: 'default', eager: true })

/** 16 hexadecimal digits of the contract's sources: the schemas themselves take a second to print. */
export function contractHash(): string {
  const hash = createHash('sha256')
  for (const path of Object.keys(sources).sort()) hash.update(`${path}\0${sources[path]}\0`)
  return hash.digest('hex').slice(0, 16)
}
