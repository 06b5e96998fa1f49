import { expect, test } from 'vitest'
import { formatHolders } from '../../../../../renderer/features/group/facts.ts'

function heldBy(...commands: string[]) {
  const owners = commands.map((command) => ({ command, processes: 2, service: null }))
  return { holders: 2 * commands.length, owners }
}

test('one program is named with its processes, several are counted each', () => {
  expect(formatHolders(heldBy('nginx'))).toBe('2 nginx processes')
  expect(formatHolders(heldBy('nginx', 'haproxy'))).toBe('2 nginx, 2 haproxy')
  expect(formatHolders(heldBy())).toBeNull()
})

test('of many programs the first are named and the others counted', () => {
  expect(formatHolders(heldBy('a', 'b', 'c', 'd'), 3)).toBe('2 a, 2 b, 2 c and 1 other program')
  expect(formatHolders(heldBy('a', 'b', 'c', 'd', 'e'), 3)).toBe('2 a, 2 b, 2 c and 2 other programs')
  expect(formatHolders(heldBy('a', 'b', 'c'), 3)).toBe('2 a, 2 b, 2 c')
})
