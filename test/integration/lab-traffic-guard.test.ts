/** Traffic reaches only the lab's own sockets: no existing ones, and none that bind while it runs. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import { startLabProgram } from './support/lab-program.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)

test('a socket of another user that binds beside a UDP lab ends it', async (context) => {
  needsRoot(context)
  await using lab = startLabProgram()
  const { port } = await lab.listen('protocol=udp address=127.0.0.1 listeners=1 reuseport=0 reuseaddr=1')
  await lab.ask('traffic count=100000 rate=100 exchange=send')
  await using stranger = await startSocketMaker({ uid: 65534 })
  const [beside] = await stranger.open({ protocol: 'udp', address: '127.0.0.1', port, options: ['reuseaddr'] })
  const traffic = await eventually('the traffic has ended', async () => {
    const { traffic } = await lab.status()
    return traffic?.endedAt ? traffic : null
  })
  expect(traffic).toMatchObject({ failed: true, foreignSocket: beside?.cookie })
  expect(await lab.refusal('traffic')).toMatchObject({ name: 'EADDRINUSE', at: `cookie ${beside?.cookie}` })
})

test('it ends before the last member leaves the port', async () => {
  await using lab = startLabProgram()
  await lab.listen('protocol=udp address=127.0.0.1 listeners=2')
  await lab.ask('traffic count=100000 rate=100')
  await lab.ask('close member=1')
  expect((await lab.status()).traffic?.endedAt).toBeNull()
  await lab.ask('close member=0')
  expect((await lab.status()).traffic).toMatchObject({
    endedAt: expect.any(String),
    failed: false,
    foreignSocket: null,
  })
})

test("one foreign socket among many of the lab's is found", async () => {
  await using lab = startLabProgram()
  const { port } = await lab.listen('protocol=tcp address=127.0.0.1 listeners=120')
  await using maker = await startSocketMaker()
  const [foreign] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port, options: ['reuseport'] })
  expect(await lab.refusal('traffic')).toMatchObject({ name: 'EADDRINUSE', at: `cookie ${foreign?.cookie}` })
  // At another address of the port it receives nothing.
  if (foreign) await maker.close(foreign)
  await maker.open({ protocol: 'tcp', address: '127.0.0.2', port, options: ['reuseport'] })
  expect((await lab.traffic('count=100')).traffic.done).toBe(100)
})

test('no traffic follows an address that moves to another host', async (context) => {
  needsRoot(context)
  await using here = await makeNamespace()
  await using there = await makeNamespace()
  await here.ip('link', 'add', 'link0', 'type', 'veth', 'peer', 'name', 'link0', 'netns', there.name)
  for (const [namespace, address] of [
    [here, '192.0.2.1/24'],
    [here, '192.0.2.2/24'],
    [there, '192.0.2.3/24'],
  ] as const) {
    await namespace.ip('addr', 'add', address, 'dev', 'link0')
    await namespace.ip('link', 'set', 'link0', 'up')
  }
  await using lab = startLabProgram(['ip', 'netns', 'exec', here.name])
  await lab.listen('protocol=tcp address=192.0.2.1')
  expect((await lab.traffic('count=20')).traffic.done).toBe(20)
  await lab.ask('traffic count=100000 rate=100 exchange=close')
  await here.ip('addr', 'del', '192.0.2.1/24', 'dev', 'link0')
  await here.ip('addr', 'replace', '192.0.2.2/24', 'dev', 'link0')
  await there.ip('addr', 'add', '192.0.2.1/24', 'dev', 'link0')
  await eventually('clients are refused the address', async () => {
    const { traffic } = await lab.status()
    return traffic !== null && traffic.otherErrors > 20
  })
  const { stdout } = await run('ip', ['netns', 'exec', there.name, 'cat', '/proc/net/snmp'])
  const [names, values] = stdout.split('\n').filter((line) => line.startsWith('Tcp:'))
  const at = names?.split(' ').indexOf('InSegs') ?? -1
  expect(values?.split(' ')[at]).toBe('0')
})
