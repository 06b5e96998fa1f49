/** State of the page is made by functions. A module that keeps some would share it between pages, and between tests. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../../renderer')

/** What a line at the start of a column begins with when its module keeps state. */
const STATEFUL = [
  /^(export )?(let|var) /,
  // A constant collection says that it is read-only.
  /^(export )?const \w+(: (?!Readonly)[^=]*)? = new (Weak)?(Map|Set)\b/,
  /^import \{.*\bcreate\b.*\} from 'zustand'/,
  /^(export )?const \w+[^=]* = (createStore|createPageStore|createPage)\b/,
]

/** The page's start, which makes the one page of the program. */
const START = 'app/main.tsx'

test('no module of the page keeps state', () => {
  const found = readdirSync(root, { recursive: true })
    .map(String)
    .filter((file) => /\.tsx?$/.test(file) && file !== START)
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n')
      return lines.filter((line) => STATEFUL.some((pattern) => pattern.test(line))).map((line) => `${file}: ${line}`)
    })
  expect(found).toEqual([])
})
