import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  listed,
  nameOf,
  parseSentences,
  text,
  toSentences,
  withNames,
} from '../../../../electron/engine/common/prose.ts'
import { arbitraryTexts } from '../../../doubles/arbitrary-snapshot.ts'

const address = nameOf({ kind: 'address', address: '::1' })

test('a sentence is written with its numbers and names', () => {
  const { summary, mentions } = toSentences({
    summary: text`${address} has ${1234} of ${listed([text`a`, text`b`, text`c`])}, ${2.04} times.`,
    explanation: [],
    advice: [],
  })
  expect(summary).toBe('::1 has 1,234 of a, b and c, 2 times.')
  expect(mentions).toEqual([{ in: 'summary', at: 0, length: 3, of: { kind: 'address', address: '::1' } }])
})

test.each([
  [
    nameOf({ kind: 'endpoint', protocol: 'udp', address: '2001:db8::1', port: 53, interface: 'eth0' }),
    'udp [2001:db8::1]:53 on eth0',
  ],
  [nameOf({ kind: 'user', uid: 1000, user: 'alice' }), 'alice (uid 1000)'],
  [nameOf({ kind: 'user', uid: 1000, user: null }), 'uid 1000'],
  [nameOf({ kind: 'process', pid: 7, command: 'nginx' }), 'nginx (pid 7)'],
  [nameOf({ kind: 'process', pid: 7, command: null }), 'process 7'],
])('%o', (name, words) => {
  expect(name.text).toBe(words)
})

test('any sentence can be split again, whatever the names', () => {
  fc.assert(
    fc.property(arbitraryTexts, (texts) => {
      const model = toSentences(texts)
      expect(toSentences(parseSentences(model))).toEqual(model)
      expect(toSentences(withNames(parseSentences(model), () => null)).mentions).toEqual([])
    }),
  )
})
