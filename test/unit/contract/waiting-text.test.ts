import { expect, test } from 'vitest'
import { waitingText } from '../../../electron/contract/waiting-text.ts'

const waiting = { connections: 3, abandoned: 0, oldestMs: 1500, oldest: [] }

test('who waits, and in which queue: unknown only where there are several', () => {
  expect(waitingText(waiting, 1)).toBe('3 connections not accepted yet, the oldest for 1.5 s.')
  expect(waitingText({ ...waiting, connections: 1, abandoned: 1, oldestMs: null }, 2)).toBe(
    "1 connection not accepted yet. 1 client has closed already. In which member's queue each of them is, the kernel does not tell.",
  )
})
