import { expect, test } from 'vitest'
import { linesOf, parseOrder } from '../../../../../electron/fronts/cli/lab/orders.ts'

test('commands', () => {
  expect(parseOrder('stall 2')).toEqual({ act: 'stall', member: 2 })
  expect(parseOrder('  resume   1 ')).toEqual({ act: 'resume', member: 1 })
  expect(parseOrder('close 1234')).toEqual({ act: 'close', member: 1234 })
  expect(parseOrder('add')).toEqual({ act: 'add' })
})

test.each(['', 'stall', 'stall x', 'stall -1', 'stall 0', 'stall 1 2', 'add 1', 'stop', 'stall 99999'])(
  '%j is not a command',
  (text) => {
    expect(() => parseOrder(text)).toThrow(/not a command/)
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
