/** What a selection leaves of real sockets: ports, families, addresses, processes. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Selection } from '../../electron/contract/contract.ts'
import { needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type SocketMaker, startSocketMaker } from './support/socket-maker.ts'

let engine: TestEngine
let namespace: TestNamespace
let maker: SocketMaker
let other: SocketMaker
beforeAll(async () => {
  if (process.geteuid?.() !== 0) return
  engine = await startTestEngine()
  namespace = await makeNamespace()
  maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  other = await startSocketMaker({ netns: namespace.name, command: 'other' })
  await maker.open(
    { protocol: 'tcp', address: '127.0.0.1', port: 7400 },
    { protocol: 'tcp', address: '127.0.0.2', port: 7401, state: 'bound' },
    { protocol: 'udp', family: 6, address: '::1', port: 7402 },
  )
  await other.open({ protocol: 'tcp', address: '0.0.0.0', port: 7410 })
})
afterAll(async () => {
  await maker?.end()
  await other?.end()
  await engine?.close()
  await namespace?.[Symbol.asyncDispose]()
})

it('selects by ports, family, address, process and what receives', async (context) => {
  needsRoot(context)
  const ports = async (selection: Partial<Selection>) => {
    const { groups } = await engine.client.snapshot({ selection: { netns: namespace.name, all: true, ...selection } })
    return groups.map(({ port }) => port).sort()
  }
  expect(await ports({})).toEqual([7400, 7401, 7402, 7410])
  expect(
    await ports({
      ports: [
        [7400, 7401],
        [7410, 7410],
      ],
    }),
  ).toEqual([7400, 7401, 7410])
  expect(await ports({ family: 'ipv6' })).toEqual([7402])
  expect(await ports({ receiving: true })).toEqual([7400, 7402, 7410])
  expect(await ports({ address: '127.0.0.0/8' })).toEqual([7400, 7401])
  expect(await ports({ address: '::1' })).toEqual([7402])
  expect(await ports({ address: '::/0' })).toEqual([7402])
  expect(await ports({ pid: other.pid })).toEqual([7410])
  expect(await ports({ command: 'maker' })).toEqual([7400, 7401, 7402])
  expect(await ports({ command: 'maker', family: 'ipv4', receiving: true })).toEqual([7400])
  expect(await ports({ service: 'no-such.service' })).toEqual([])
  expect(await ports({ filter: 'owner:maker -proto:udp' })).toEqual([7400, 7401])
  expect(await ports({ filter: 'port:7401-7410 members:1' })).toEqual([7402, 7410])
  // A rate takes two readings.
  expect(await ports({ filter: 'drops:<1 proto:udp' })).toEqual([7402])
  await expect(ports({ filter: 'port:none' })).rejects.toThrow(/“none” is not a port/)
  await expect(ports({ address: 'eth0' })).rejects.toThrow(/neither an address nor a prefix/)
})
