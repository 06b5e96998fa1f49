import { expect, test } from 'vitest'
import { nameInText, visibleName, visibleText, withoutIsolates } from '../../../../renderer/ui/visible-text.ts'

test('what nobody would see is written out, also what turns text around', () => {
  expect(visibleText('a\x1b[2J\u202etxt.exe')).toBe('a\\x1b[2J\\u202etxt.exe')
})

test('a name without letters says so', () => {
  expect(['', '   ', 'nginx'].map(visibleName)).toEqual(['(no name)', '(no name)', 'nginx'])
})

test('a name from right to left is isolated in a sentence, and not on the clipboard', () => {
  expect(nameInText('nginx')).toBe('nginx')
  const isolated = `2×${nameInText('שלום')}`
  expect(isolated).toBe('2×\u2068שלום\u2069')
  expect(withoutIsolates(isolated)).toBe('2×שלום')
  // One that brings its own end of an isolate cannot leave it.
  expect(nameInText('של\u2069ום')).toBe('\u2068של\\u2069ום\u2069')
})
