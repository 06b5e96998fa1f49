/** One plain word for each thing: no file of the repository contains a banned word (banned-words.ts). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { repositoryFiles, root } from '../support/repository-files.ts'
import { type BannedWord, banned } from './banned-words.ts'

/** Not ours, not text, or the list itself. */
const EXEMPT = [
  'package-lock.json',
  'LICENSE',
  'assets/licenses/',
  'test/native/fuzz_',
  'test/unit/fuzz/corpus/',
  'test/unit/banned-words.ts',
]

/** Between two words of a phrase: spaces, or a line break and the next line's comment sign. */
const GAP = String.raw`(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*(?:\*|\/\/+|#+)?[^\S\n]*)`

const rows = banned.map((row) => ({ ...row, pattern: patternOf(row) }))

function patternOf({ words }: BannedWord): RegExp {
  return new RegExp(words.source.replaceAll(' ', GAP), `${words.flags}g`)
}

/** Each banned word in a text, as `path:line: "word": suggestion`. */
function bannedIn(path: string, text: string): string[] {
  return rows.flatMap(({ pattern, instead, files }) =>
    files && !files.test(path)
      ? []
      : [...text.matchAll(pattern)].map((match) => {
          const line = text.slice(0, match.index).split('\n').length
          return `${path}:${line}: "${match[0].replace(/\s+/g, ' ')}": ${instead}`
        }),
  )
}

it('finds no banned word in any file', ({ skip }) => {
  const files = repositoryFiles()
  if (files === null) return skip('this is not a git checkout')
  const found = files
    .filter((path) => !EXEMPT.some((exempt) => path.startsWith(exempt)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'))
    .flatMap(({ path, text }) => bannedIn(path, text))
  expect(found, `${found.length} banned words:\n${found.join('\n')}\n`).toHaveLength(0)
})

it('names the place of a word and what to write instead', () => {
  expect(bannedIn('a.ts', 'one\n// for who\u{65}ver reads')).toEqual(['a.ts:2: "who\u{65}ver": anyone who'])
})

it('sees a phrase that a line break divides', () => {
  expect(bannedIn('a.ts', '/**\n * It is not to be\n * h\u{61}d here.\n */')[0]).toMatch(/^a\.ts:2: "to be \* had": /)
})

it('leaves longer words and other cases alone', () => {
  expect(bannedIn('a.ts', 'uid of the user nobody, a second process, 3 sockets per second')).toEqual([])
})
