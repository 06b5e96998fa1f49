/** The newest commit subjects: imperative, at most 72 characters (CONTRIBUTING.md). */
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const NEWEST = 40

function subjects(): string[] {
  try {
    const log = execFileSync('git', ['log', `-${NEWEST}`, '--no-merges', '--format=%s'], {
      cwd: root,
      encoding: 'utf8',
    })
    return log.split('\n').filter((subject) => subject !== '')
  } catch {
    // A source archive has no history to check.
    return []
  }
}

test('commit subjects have at most 72 characters', () => {
  expect(subjects().filter((subject) => subject.length > 72)).toEqual([])
})

test('commit subjects begin with a capital letter and end without a period', () => {
  expect(subjects().filter((subject) => !/^[A-Z].*[^.]$/.test(subject))).toEqual([])
})

test('commit subjects are imperative: no past tense, no third person, no gerund', () => {
  const exceptions = new Set([
    'Embed',
    'Exceed',
    'Feed',
    'Need',
    'Proceed',
    'Seed',
    'Shed',
    'Speed',
    'Bring',
    'String',
    'Pass',
    'Process',
    'Address',
    'Express',
    'Compress',
    'Discuss',
    'Focus',
    'Press',
    'Access',
    'Cross',
    'Ring',
    'Sing',
  ])
  const wrong = subjects().filter((subject) => {
    const verb = subject.split(' ')[0] ?? ''
    return /(ed|ing|[^s]s)$/.test(verb) && !exceptions.has(verb)
  })
  expect(wrong).toEqual([])
})
