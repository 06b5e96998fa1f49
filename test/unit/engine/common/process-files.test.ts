import { describe, expect, it } from 'vitest'
import { commandLineOf, startTimeOf } from '../../../../electron/engine/common/process-files.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a command line', () => {
  it.each([
    ['arguments', 'nginx\0-g\0daemon off;\0', ['nginx', '-g', 'daemon off;']],
    ['an empty argument in the middle', 'a\0\0b\0', ['a', '', 'b']],
    ['a rewritten title with its padding', 'nginx: worker process\0\0\0\0', ['nginx: worker process']],
    ['a title without an end', 'postgres: writer', ['postgres: writer']],
    ['control characters', 'a\u001b[2J\0b\nc\0', ['a\u001b[2J', 'b\nc']],
    ['nothing, as of a kernel thread', '', []],
    ['nothing but padding', '\0\0\0', []],
  ])('of %s', (_, text, expected) => {
    expect(commandLineOf(bytes(text))).toEqual(expected)
  })

  it('that is not UTF-8 has replacement characters', () => {
    expect(commandLineOf(Uint8Array.of(0x61, 0xff, 0))).toEqual(['a\ufffd'])
  })

  // A process can write anything there, and the engine has one thread: quadratic work takes minutes here.
  it('that is hostile is read like any other', () => {
    const hostile = bytes(`${'\0'.repeat(65_535)}x`)
    for (let time = 0; time < 10; time++) expect(commandLineOf(hostile)).toHaveLength(65_536)
  })

  it('is cut at its maximum length', () => {
    const [first, ...rest] = commandLineOf(bytes(`${'a'.repeat(200_000)}\0b\0`))
    expect(first).toHaveLength(65_536)
    expect(rest).toEqual([])
  })
})

describe('a start time', () => {
  const stat = (command: string) =>
    `4711 (${command}) S 17 4711 4711 0 -1 4194560 147 0 0 0 1 2 3 4 20 0 1 0 123456789 2621440 256\n`

  it.each(['nginx', 'a) R 1 (b', 'two\nlines', ''])('is found behind the command %j', (command) => {
    expect(startTimeOf(stat(command))).toBe(123456789)
  })

  it('is null for text that is truncated anywhere', () => {
    const whole = stat('cut')
    const end = whole.indexOf('123456789') + '123456789'.length
    for (let length = 0; length <= end; length++) expect(startTimeOf(whole.slice(0, length))).toBeNull()
    expect(startTimeOf(whole.slice(0, end + 1))).toBe(123456789)
  })
})
