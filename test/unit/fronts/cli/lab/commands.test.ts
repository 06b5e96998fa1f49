import { expect, test } from 'vitest'
import { linesOf, parseLabCommand } from '../../../../../electron/fronts/cli/lab/commands.ts'

test('commands', () => {
  expect(parseLabCommand('stall 2')).toEqual({ action: 'stall', member: 2 })
  expect(parseLabCommand('  resume   1 ')).toEqual({ action: 'resume', member: 1 })
  expect(parseLabCommand('close 1234')).toEqual({ action: 'close', member: 1234 })
  expect(parseLabCommand('add')).toEqual({ action: 'add' })
})

test.each(['', 'stall', 'stall x', 'stall -1', 'stall 0', 'stall 1 2', 'add 1', 'stop', 'stall 99999'])(
  '%j is not a command',
  (text) => {
    expect(() => parseLabCommand(text)).toThrow(/not a command/)
  },
)

test('lines, however they arrive; the last one without a line break; a failing stream ends', async () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  async function* pieces() {
    yield bytes('stall 1\nres')
    yield bytes('ume 1\n\nadd')
  }
  const lines: string[] = []
  for await (const line of linesOf(pieces())) lines.push(line)
  expect(lines).toEqual(['stall 1', 'resume 1', '', 'add'])
  async function* broken() {
    yield bytes('add\n')
    throw new Error('EIO')
  }
  const before: string[] = []
  for await (const line of linesOf(broken())) before.push(line)
  expect(before).toEqual(['add'])
})
