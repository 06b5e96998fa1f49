import { expect, test } from 'vitest'
import { describeSample } from '../../../electron/contract/flow-text.ts'
import type { RecentFlow } from '../../../electron/contract/flows.ts'

const clock = (at: number) => `T+${at / 1000}`
const flow: RecentFlow = { at: '1970-01-01T00:00:02.000Z', address: '192.0.2.1', port: 1, cookie: '7', sampled: 1 }
const text = (given: number, sampled: number, protocol: 'tcp' | 'udp' = 'tcp', flows = [flow]) =>
  describeSample({ since: '1970-01-01T00:00:01.000Z', given, sampled, flows }, protocol, clock)

test('what a sample of clients is of, and what was left out', () => {
  expect(text(0, 0, 'udp', [])).toBe('No datagram was given to a member since T+1.')
  expect(text(1, 1)).toBe('Each of 1 connection given since T+1.')
  expect(text(1200, 40)).toBe(
    '40 of 1,200 connections given since T+1; 1,160 were left out: at most 32 per second and member are sampled, and none that moved from another listener.',
  )
  expect(text(2, 1, 'udp')).toBe(
    '1 of 2 datagrams given since T+1; 1 was left out: at most 32 per second and member are sampled, and not every one of a queue that is read at once.',
  )
  expect(
    text(
      100,
      100,
      'tcp',
      Array.from({ length: 100 }, () => flow),
    ),
  ).toBe('Each of 100 connections given since T+1. The latest 100 clients:')
})
