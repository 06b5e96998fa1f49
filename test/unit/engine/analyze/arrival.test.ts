/** On which interface a packet arrives, if it does, with a routing table that answers like the kernel's. */
import { expect, test } from 'vitest'
import { arrivalOf } from '../../../../electron/engine/analyze/arrival.ts'
import type { Route } from '../../../../electron/engine/analyze/routes.ts'
import { addressBytes } from '../../../../electron/engine/common/addresses.ts'

const NAMES: Record<number, string> = { 1: 'lo', 2: 'eth0', 3: 'eth1' }
const bytes = (text: string) => addressBytes(text, text.includes(':') ? 'ipv6' : 'ipv4') ?? new Uint8Array(16)
const isIn = (address: Uint8Array, text: string) => Buffer.from(address).equals(Buffer.from(bytes(text)))

/** A machine with 127.0.0.1, 10.0.0.1/24 on eth0, and a default route on interface `world` if that is given. */
function machine({ world = null as number | null, incoming = { kind: 'local', interface: 1 } as Route } = {}) {
  const here = ['127.0.0.1', '127.0.0.53', '10.0.0.1', '::1']
  return async ({
    to,
    incoming: by,
    entry,
  }: {
    to: Uint8Array
    incoming?: number
    entry?: boolean
  }): Promise<Route> => {
    if (by !== undefined) return incoming
    if (isIn(to, '10.0.0.255')) return { kind: 'everyone', interface: 2 }
    if (here.some((text) => isIn(to, text))) return { kind: 'local', interface: entry && isIn(to, '10.0.0.1') ? 2 : 1 }
    if (to[0] === 10) return { kind: 'elsewhere', interface: 2 }
    return world === null ? { kind: 'none', code: 'ENETUNREACH' } : { kind: 'elsewhere', interface: world }
  }
}

function ask(local: string | null, remote: string, options: { named?: number; ask?: ReturnType<typeof machine> } = {}) {
  return arrivalOf(
    {
      family: remote.includes(':') ? 'ipv6' : 'ipv4',
      local: local === null ? null : bytes(local),
      remote: bytes(remote),
      localText: local ?? '0.0.0.0',
      remoteText: remote,
      named: options.named ?? null,
    },
    options.ask ?? machine(),
    { name: (index) => NAMES[index] ?? String(index), all: () => [1, 2] },
  )
}

test.each([
  ['127.0.0.53', '127.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
])('from here to %s it arrives on lo', async (local, remote) => {
  expect(await ask(local, remote)).toMatchObject({ reach: 'local', interface: 1, named: false })
})

test('from a neighbor it arrives on the interface of the route back', async () => {
  const arrival = await ask('10.0.0.1', '10.0.0.9')
  expect(arrival).toMatchObject({ reach: 'local', interface: 2 })
  expect(arrival.reason).toContain('eth0')
})

test('without a route back it arrives on the interface that has the address', async () => {
  const arrival = await ask('10.0.0.1', '198.51.100.7')
  expect(arrival).toMatchObject({ reach: 'local', interface: 2 })
  expect(arrival.reason).toContain('which has 10.0.0.1')
})

test('for any address without a route back it arrives on the only interface', async () => {
  expect(await ask(null, '198.51.100.7')).toMatchObject({ reach: 'local', interface: 2 })
})

test('an address that no interface has is unreachable, with or without a named interface', async () => {
  for (const named of [undefined, 2]) {
    const arrival = await ask('192.0.2.53', '10.0.0.9', { ...(named !== undefined && { named }) })
    expect(arrival.reach).toBe('unreachable')
    expect(arrival.reason).toContain('No interface of this network namespace has 192.0.2.53')
  }
})

test('a loopback address is unreachable from elsewhere, unless the kernel accepts it there', async () => {
  const world = machine({ world: 2, incoming: { kind: 'none', code: 'EINVAL' } })
  expect((await ask('127.0.0.1', '198.51.100.7', { ask: world })).reach).toBe('unreachable')
  expect((await ask('127.0.0.1', '198.51.100.7')).reach).toBe('unreachable')
  const localnet = machine({ world: 2 })
  expect(await ask('127.0.0.1', '198.51.100.7', { ask: localnet })).toMatchObject({ reach: 'local', interface: 2 })
})

test('a named interface is used if the kernel accepts the packet there', async () => {
  expect(await ask('10.0.0.1', '10.0.0.9', { named: 3 })).toMatchObject({ reach: 'local', interface: 3, named: true })
  const filtered = machine({ incoming: { kind: 'none', code: 'EXDEV' } })
  const arrival = await ask('10.0.0.1', '10.0.0.9', { named: 3, ask: filtered })
  expect(arrival.reach).toBe('unreachable')
  expect(arrival.reason).toContain('rp_filter')
  // Packets from the namespace to itself were routed when they were sent.
  expect((await ask('127.0.0.53', '127.0.0.1', { named: 1, ask: filtered })).reach).toBe('local')
})

test('a broadcast address is distinguished from an unknown one', async () => {
  expect((await ask('10.0.0.255', '10.0.0.9')).reach).toBe('everyone')
})

test('a failed route lookup is reported', async () => {
  const arrival = await ask('10.0.0.1', '10.0.0.9', { ask: async () => ({ kind: 'unknown', code: 'EPERM' }) })
  expect(arrival).toMatchObject({ reach: 'unknown', interface: 0 })
  expect(arrival.reason).toContain('EPERM')
})

test('on a kernel without IPv6, no IPv6 packet arrives', async () => {
  const without = async (): Promise<Route> => ({ kind: 'none', code: 'EAFNOSUPPORT' })
  expect(await ask('::1', '::1', { ask: without })).toMatchObject({
    reach: 'unreachable',
    reason: 'This kernel runs without IPv6 (ipv6.disable=1): no packet for ::1 arrives.',
  })
})
