import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepConnected, retryDelay } from '../../../../../renderer/model/transport/reconnect.ts'
import type { Channel, Transport } from '../../../../../renderer/model/transport/transport.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function channel(): Channel & { cut(reason: string): void } {
  let cut: (reason: string) => void = () => {}
  const closed = new Promise<string>((resolve) => {
    cut = resolve
  })
  return {
    link: { call: () => Promise.reject(new Error('not called here')) },
    closed,
    close: (reason) => cut(reason),
    cut: (reason) => cut(reason),
  }
}

function watch(open: () => Promise<Channel>) {
  const told: string[] = []
  const transport: Transport = { peer: 'the engine', open }
  const connection = keepConnected(transport, {
    opened: () => told.push('opened'),
    lost: (reason, retryAt) => told.push(`lost: ${reason}, again in ${retryAt - Date.now()}`),
    trying: () => told.push('trying'),
  })
  return { told, connection }
}

test('waits longer after each failure, up to a limit', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 100].map(retryDelay)
  expect(delays).toEqual([...delays].sort((a, b) => a - b))
  expect(delays.at(-1)).toBe(15_000)
})

test('a lost channel is reopened', async () => {
  const channels = [channel(), channel()]
  let opened = 0
  const { told, connection } = watch(async () => channels[opened++] ?? channel())
  await vi.advanceTimersByTimeAsync(5000)
  channels[0]?.cut('The engine exited.')
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual(['trying', 'opened', 'lost: The engine exited., again in 500'])
  await vi.advanceTimersByTimeAsync(500)
  expect(told.slice(3)).toEqual(['trying', 'opened'])
  connection.close()
})

test('one that closes right after opening counts as a failure', async () => {
  const channels = [channel(), channel()]
  let opened = 0
  const { told, connection } = watch(async () => channels[opened++] ?? channel())
  await vi.advanceTimersByTimeAsync(0)
  channels[0]?.cut('Wrong token.')
  await vi.advanceTimersByTimeAsync(1000)
  channels[1]?.cut('Wrong token.')
  await vi.advanceTimersByTimeAsync(0)
  expect(told.filter((line) => line.startsWith('lost'))).toEqual([
    'lost: Wrong token., again in 1000',
    'lost: Wrong token., again in 2000',
  ])
  connection.close()
})

test('failures wait increasingly long; retryNow does not wait', async () => {
  const { told, connection } = watch(() => Promise.reject(new Error('No answer.')))
  await vi.advanceTimersByTimeAsync(0)
  await vi.advanceTimersByTimeAsync(1000)
  expect(told.filter((line) => line.startsWith('lost'))).toEqual([
    'lost: No answer., again in 1000',
    'lost: No answer., again in 2000',
  ])
  connection.retryNow()
  await vi.advanceTimersByTimeAsync(0)
  expect(told.at(-1)).toBe('lost: No answer., again in 4000')
  connection.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told.filter((line) => line === 'trying')).toHaveLength(3)
})
