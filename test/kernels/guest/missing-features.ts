/** What a kernel lacks must be missing from the output, not zero, and is a remark in the report of this run. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import type { SocketSpec } from '../../integration/support/socket-maker.ts'
import { listsBoundTcp } from './kernel.ts'
import { isRoot, namespace, sharedEngine, sharedMaker } from './user.ts'

/** Kernel settings that a snapshot includes if the kernel has them. */
const SYSCTLS = [
  'net.core.somaxconn',
  'net.core.rmem_default',
  'net.core.rmem_max',
  'net.core.netdev_max_backlog',
  'net.ipv4.tcp_migrate_req',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_l3mdev_accept',
  'net.ipv4.udp_l3mdev_accept',
  'net.ipv6.bindv6only',
]
const hasSysctl = (name: string) => existsSync(`/proc/sys/${name.replaceAll('.', '/')}`)

/** Differences between kernels, not users, are remarked once. */
const remark = (context: TestContext, text: string) => isRoot && context.diagnostic(text)

async function snapshotOf(port: number) {
  const { client } = await sharedEngine()
  return client.snapshot({ selection: { port, netns: String(namespace.inode), all: true } })
}

describe('what this kernel lacks', () => {
  test('a snapshot has the settings that this kernel has, and no others', async (context) => {
    const { sysctls } = await snapshotOf(1)
    assert.deepEqual(Object.keys(sysctls).sort(), SYSCTLS.filter(hasSysctl).sort())
    const missing = SYSCTLS.filter((name) => !hasSysctl(name))
    remark(context, `settings that a namespace of this kernel lacks: ${missing.join(', ') || 'none'}`)
  })

  test('listeners of Multipath TCP are listed, if the kernel has it', async (context) => {
    const maker = await sharedMaker()
    const spec: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', port: 7101, options: ['reuseport'], mptcp: true }
    const made = await maker.open(spec).catch((error: unknown) => {
      if (/not supported|not available/.test(String(error))) return null
      throw error
    })
    remark(context, `Multipath TCP: ${made === null ? 'not in this kernel' : 'seen'}`)
    if (made === null) return
    const { groups } = await snapshotOf(7101)
    assert.deepEqual(
      groups.map(({ sharing, evidence, members }) => [sharing, evidence, members.map(({ inode }) => inode)]),
      [['reuseport', 'socket-option', made.map(({ inode }) => inode)]],
    )
    await maker.close(...made)
  })

  test('bound TCP sockets that do not listen appear if the kernel lists them; none are denied', async (context) => {
    const [{ client }, maker] = await Promise.all([sharedEngine(), sharedMaker()])
    const made = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 7102, state: 'bound' })
    const cookies = made.map(({ cookie }) => cookie)
    const { groups } = await snapshotOf(7102)
    const seen = groups.flatMap(({ members }) => members.map(({ cookie }) => cookie))
    assert.deepEqual(seen, listsBoundTcp ? cookies : [])
    const { checks } = await client.machine.capabilities()
    assert.equal(checks.find(({ id }) => id === 'bound')?.state, listsBoundTcp ? 'yes' : 'no')
    const { holders, binds, limitations } = await client.machine.port({ port: 7102, netns: String(namespace.inode) })
    assert.deepEqual(
      holders.map(({ cookie }) => cookie),
      seen,
    )
    assert.equal(limitations.length, listsBoundTcp ? 0 : 1)
    // It set no option: no other socket can bind beside it.
    const beside = binds.filter(({ protocol, address }) => protocol === 'tcp' && address === '0.0.0.0')
    const outcomes = new Set(beside.map(({ succeeds, unknownBecause }) => `${succeeds} ${unknownBecause}`))
    assert.deepEqual([...outcomes], [listsBoundTcp ? 'false null' : 'null unchecked'])
    if (!listsBoundTcp) remark(context, 'this kernel does not list TCP sockets that are bound and do not listen')
    await maker.close(...made)
  })

  test('the doctor names what is incomplete', async (context) => {
    const { client } = await sharedEngine()
    const { checks } = await client.machine.capabilities()
    const state = (id: string) => checks.find((check) => check.id === id)?.state
    assert.deepEqual(['sockets', 'kernel-lookup', 'options'].map(state), ['yes', 'yes', isRoot ? 'yes' : 'partial'])
    for (const { subject, state, detail } of checks) {
      if (state !== 'yes') remark(context, `doctor, as root: ${subject}: ${state}, ${detail}`)
    }
  })
})
