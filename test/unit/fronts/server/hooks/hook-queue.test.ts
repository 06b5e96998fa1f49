import { expect, test } from 'vitest'
import { HOOK_LIMITS, HookQueue } from '../../../../../electron/fronts/server/hooks/hook-queue.ts'
import { hookEvent } from './event.ts'

/** A hook whose calls end when the test says so. */
function heldHook() {
  const calls: { readonly id: number; end(error?: Error): void }[] = []
  return {
    calls,
    hook: {
      name: 'The hook',
      kind: 'command' as const,
      call: ({ id }: { id: number }, signal: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
          calls.push({ id, end: (error) => (error ? reject(error) : resolve()) })
        }),
    },
  }
}

test('one call at a time, in order; events beyond the queue are omitted, told once', async () => {
  const { calls, hook } = heldHook()
  const told: string[] = []
  const queue = new HookQueue(hook, (message) => told.push(message), { ...HOOK_LIMITS, waiting: 2 })
  for (const id of [1, 2, 3]) queue.add(hookEvent({ id }))
  // The first is being passed on.
  await expect.poll(() => calls.length).toBe(1)
  for (const id of [4, 5]) queue.add(hookEvent({ id }))
  expect(calls.map(({ id }) => id)).toEqual([1])
  expect(queue.counts).toEqual({ ok: 0, failed: 0, omitted: 2 })
  expect(told).toEqual(['The hook is too slow for so many findings: some are not passed to it.'])
  for (const at of [0, 1, 2]) {
    await expect.poll(() => calls.length).toBeGreaterThan(at)
    calls[at]?.end()
  }
  await expect.poll(() => queue.counts.ok).toBe(3)
  expect(calls.map(({ id }) => id)).toEqual([1, 2, 3])
})

test('failures are reported once, until it works again', async () => {
  const told: string[] = []
  const results = ['bad', 'bad', 'good', 'bad']
  const hook = {
    name: 'The hook',
    kind: 'command' as const,
    call: async () => {
      if (results.shift() === 'bad') throw new Error('no')
    },
  }
  const queue = new HookQueue(hook, (message) => told.push(message))
  for (const id of [1, 2, 3, 4]) queue.add(hookEvent({ id }))
  await expect.poll(() => queue.counts).toEqual({ ok: 1, failed: 3, omitted: 0 })
  expect(told).toHaveLength(2)
  expect(told[0]).toBe(
    'The hook failed for the finding queue-overflowing:1-2: no. Further failures are only counted, until it works again.',
  )
})

test('a call that takes too long is ended', async () => {
  const { hook } = heldHook()
  const told: string[] = []
  const queue = new HookQueue(hook, (message) => told.push(message), { ...HOOK_LIMITS, callMs: 10 })
  queue.add(hookEvent())
  await expect.poll(() => queue.counts.failed).toBe(1)
  expect(told[0]).toContain('no end after 0.01 s')
})

test('after a burst there is one call for each time of refill', async () => {
  const times: number[] = []
  const hook = { name: 'The hook', kind: 'command' as const, call: async () => void times.push(performance.now()) }
  const began = performance.now()
  const queue = new HookQueue(hook, () => undefined, { ...HOOK_LIMITS, burst: 2, refillMs: 40 })
  for (const id of [1, 2, 3, 4]) queue.add(hookEvent({ id }))
  await expect.poll(() => times.length).toBe(4)
  // Not from the first call, which may have been held up on its way. Timers may be a millisecond early.
  expect(Number(times.at(-1)) - began).toBeGreaterThanOrEqual(2 * 40 - 4)
})

test('closing ends the running call and starts no other', async () => {
  const { calls, hook } = heldHook()
  const told: string[] = []
  const queue = new HookQueue(hook, (message) => told.push(message))
  for (const id of [1, 2]) queue.add(hookEvent({ id }))
  await expect.poll(() => calls.length).toBe(1)
  await queue.close()
  queue.add(hookEvent({ id: 3 }))
  expect(calls).toHaveLength(1)
  expect(told).toEqual([])
})
