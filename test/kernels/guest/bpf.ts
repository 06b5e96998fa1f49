/** What the BPF reader is allowed on this kernel, by the product's own account and on real sockets. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventually } from '../../integration/support/conditions.ts'
import type { SocketSpec } from '../../integration/support/socket-maker.ts'
import { countsGiven, readsKernelGroups } from './kernel.ts'
import { hasBpfReader } from './product.ts'
import { isRoot, namespace, sharedEngine, sharedMaker } from './user.ts'

const address = '127.0.0.1'
const listeners = (protocol: 'tcp' | 'udp', port: number, count: number): SocketSpec => ({
  protocol,
  address,
  port,
  options: ['reuseport'],
  count,
})

describe('BPF', { skip: hasBpfReader ? false : 'reuseport-bpf is not built' }, () => {
  const groupAt = async (port: number) => {
    const { client } = await sharedEngine()
    const { groups } = await client.snapshot({ selection: { port, netns: String(namespace.inode), all: true } })
    const [group] = groups
    assert.ok(group)
    return group
  }

  test('the doctor says what this kernel and this user allow', async (context) => {
    const { client } = await sharedEngine()
    const { checks } = await client.machine.capabilities()
    const found = ['kernel-groups', 'counts', 'flows'].map((id) => checks.find((check) => check.id === id))
    const yes = (allowed: boolean) => (isRoot && allowed ? 'yes' : 'no')
    assert.deepEqual(
      found.map((check) => check?.state),
      [yes(readsKernelGroups), yes(countsGiven), yes(countsGiven)],
    )
    for (const check of found) if (isRoot) context.diagnostic(`${check?.subject}: ${check?.state}, ${check?.detail}`)
    // A kernel that lacks something is named by what it lacks, and a user by the missing permission.
    for (const check of found.filter((one) => one?.state === 'no'))
      assert.match(check?.detail ?? '', isRoot ? /lacks \w+, which Linux \d/ : /CAP_BPF and CAP_PERFMON/)
  })

  // For others the doctor's answer is all.
  if (!isRoot) return

  test('the kernel group has its members in the order in which they joined', {
    skip: readsKernelGroups ? false : 'not on this kernel, as the doctor says',
  }, async () => {
    const maker = await sharedMaker()
    const made = await maker.open(listeners('tcp', 7201, 5))
    const { kernelGroups } = await groupAt(7201)
    assert.deepEqual(
      kernelGroups?.map(({ members, program }) => [members, program]),
      [[made.map(({ cookie }) => cookie), null]],
    )
    await maker.close(...made)
  })

  for (const [protocol, port] of [
    ['tcp', 7202],
    ['udp', 7203],
  ] as const) {
    test(`each ${protocol} client is counted and sampled at the member that receives it`, {
      skip: countsGiven ? false : 'not on this kernel, as the doctor says',
    }, async () => {
      const [{ client }, maker] = await Promise.all([sharedEngine(), sharedMaker()])
      const made = await maker.open(listeners(protocol, port, 3))
      const { id } = await groupAt(port)
      assert.equal((await client.group.flows({ id })).unknownBecause, null)
      const clients = await maker.clients({ protocol, count: 20, sources: [address] })
      const received = await maker.deliver({ address, port })
      const recent = await eventually('all were sampled', async () => {
        const { recent } = await client.group.flows({ id })
        return recent?.given === 20 ? recent : null
      })
      assert.equal(recent.sampled, 20)
      assert.deepEqual(
        recent.flows.map(({ port, cookie }) => [port, cookie]).reverse(),
        clients.map(([, port], at) => [port, received[at]]),
      )
      await maker.close(...made)
    })
  }
})
