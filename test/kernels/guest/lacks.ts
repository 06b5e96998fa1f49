/** What a kernel does not have must be missing in what is said of it, not zero; and a remark in the report of this run. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import type { Check } from '../../../electron/contract/live.ts'
import type { Snapshot } from '../../../electron/contract/model.ts'
import { startSocketMaker } from '../../integration/support/socket-maker.ts'
import { listsBoundTcp } from './kernel.ts'
import { json } from './product.ts'

/** Kernel settings that a snapshot has where the kernel has them. */
const SYSCTLS = [
  'net.core.somaxconn',
  'net.core.rmem_default',
  'net.core.rmem_max',
  'net.ipv4.tcp_migrate_req',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_l3mdev_accept',
  'net.ipv4.udp_l3mdev_accept',
  'net.ipv6.bindv6only',
]
const hasSysctl = (name: string) => existsSync(`/proc/sys/${name.replaceAll('.', '/')}`)

test('a snapshot has the settings that this kernel has, and no others', async (context) => {
  const { sysctls } = await json<Snapshot>(['groups'])
  assert.deepEqual(Object.keys(sysctls).sort(), SYSCTLS.filter(hasSysctl).sort())
  const missing = SYSCTLS.filter((name) => !hasSysctl(name))
  context.diagnostic(`settings that this kernel lacks: ${missing.join(', ') || 'none'}`)
})

test('listeners of Multipath TCP are seen, where there are any', async (context) => {
  const maker = await startSocketMaker()
  try {
    const spec = { protocol: 'tcp', address: '127.0.0.1', port: 7101, options: ['reuseport'], mptcp: true } as const
    const made = await maker.open({ ...spec, options: [...spec.options] }).catch((error: unknown) => {
      if (/not supported|not available/.test(String(error))) return null
      throw error
    })
    context.diagnostic(`Multipath TCP: ${made === null ? 'not in this kernel' : 'seen'}`)
    if (made === null) return
    const { groups } = await json<Snapshot>(['groups', '--all', '--port', '7101'])
    assert.deepEqual(
      groups.map(({ sharing, evidence, members }) => [sharing, evidence, members.map(({ inode }) => inode)]),
      [['reuseport', 'socket-option', made.map(({ inode }) => inode)]],
    )
  } finally {
    await maker.end()
  }
})

test('TCP that is bound and does not listen is seen where the kernel lists it', async (context) => {
  const maker = await startSocketMaker()
  try {
    const made = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 7102, state: 'bound' })
    const { groups } = await json<Snapshot>(['groups', '--all', '--port', '7102'])
    const seen = groups.flatMap(({ members }) => members.map(({ cookie }) => cookie))
    assert.deepEqual(seen, listsBoundTcp ? made.map(({ cookie }) => cookie) : [])
    if (!listsBoundTcp) context.diagnostic('this kernel does not list TCP sockets that are bound and do not listen')
  } finally {
    await maker.end()
  }
})

test('the doctor names what root cannot see in full', async (context) => {
  const { checks } = await json<{ checks: Check[] }>(['doctor'])
  for (const { subject, state, detail } of checks) {
    if (state !== 'yes') context.diagnostic(`doctor, as root: ${subject}: ${state}, ${detail}`)
  }
})
