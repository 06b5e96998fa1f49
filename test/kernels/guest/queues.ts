/** Queues and losses: exact counts, the findings based on them, and no findings for healthy sockets. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import type { Snapshot } from '../../../electron/contract/model.ts'
import { type FindingsFollower, followFindings } from '../../integration/support/findings.ts'
import type { MadeSocket, SocketMaker } from '../../integration/support/socket-maker.ts'
import type { Engine } from './product.ts'
import { namespace, sharedEngine, sharedMaker } from './user.ts'

/** More refreshes than these rules need to raise a finding (two of three). */
const ENOUGH = 4

describe('queues', () => {
  let client: Engine['client']
  let maker: SocketMaker
  let findings: FindingsFollower
  before(async () => {
    ;[{ client }, maker] = await Promise.all([sharedEngine(), sharedMaker()])
    findings = followFindings(client, namespace.inode)
  })

  const groupAt = async ({ port }: MadeSocket) => {
    const { groups }: Snapshot = await client.snapshot({
      selection: { port, netns: String(namespace.inode), all: true },
    })
    const [group] = groups
    assert.ok(group)
    return group
  }

  test('an accept queue that overflows: its length, its limit, its drops, and the finding', async () => {
    const made = await maker.open({
      protocol: 'tcp',
      address: '127.0.0.1',
      port: 6001,
      options: ['reuseport'],
      backlog: 2,
      count: 2,
    })
    const [first] = made
    assert.ok(first)
    const before = listenDrops()
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 6001, count: 24, stuck: 18 })
    const group = await groupAt(first)
    assert.deepEqual(
      group.members.map(({ queue }) => queue),
      Array(2).fill({ length: 3, limit: 2, unit: 'connections' }),
    )
    // No other queue has losses. The socket's counter has an ACK that finds the queue full twice: by tcp_listendrop(), as
    // ListenDrops has it, and where tcp_v4_rcv() discards the packet. A SYN is counted once.
    const [drops, all] = [group.drops ?? 0, listenDrops() - before]
    assert.ok(drops > 0)
    assert.ok(drops >= all && drops <= 2 * all, `${drops} drops, and ListenDrops grew by ${all}`)
    const row = await findings.raised('queue-overflowing', 6001)
    assert.deepEqual(new Set(row.members), new Set(made.map(({ cookie }) => cookie)))
    await maker.close(...made)
  })

  test('an accept queue that just fits raises no finding', async () => {
    const made = await maker.open({
      protocol: 'tcp',
      address: '127.0.0.1',
      port: 6002,
      options: ['reuseport'],
      backlog: 8,
    })
    const [first] = made
    assert.ok(first)
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: 6002, count: 8 })
    assert.equal((await groupAt(first)).queue.length, 8)
    assert.ok(!(await findings.after(ENOUGH, 6002)).includes('queue-overflowing'))
    await maker.close(...made)
  })

  test('datagrams to a full queue: one drop for each that was sent and not queued, and the finding', async () => {
    const made = await maker.open({
      protocol: 'udp',
      address: '127.0.0.1',
      port: 6003,
      options: ['reuseport'],
      rcvbuf: 4096,
    })
    const [first] = made
    assert.ok(first)
    let sent = 0
    let raised = false
    const row = findings.raised('udp-receive-drops', 6003).finally(() => {
      raised = true
    })
    while (!raised) {
      await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: 6003, count: 50, bytes: 1000 })
      sent += 50
    }
    await row
    const { drops } = await groupAt(first)
    const kept = await maker.receive(first)
    assert.equal(drops, sent - kept)
    assert.ok(kept > 0)
    await findings.cleared('udp-receive-drops', 6003)
    await maker.close(...made)
  })

  test('queued datagrams are not losses', async () => {
    const made = await maker.open({ protocol: 'udp', address: '127.0.0.1', port: 6004, options: ['reuseport'] })
    const [first] = made
    assert.ok(first)
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: 6004, count: 20 })
    const { queue, drops } = await groupAt(first)
    assert.equal(drops, 0)
    assert.ok((queue.length ?? 0) > 20 * 100)
    assert.equal(queue.limit, first.rcvbuf)
    assert.ok(!(await findings.after(ENOUGH, 6004)).includes('udp-receive-drops'))
    await maker.close(...made)
  })
})

/** ListenDrops of this network namespace. */
function listenDrops(): number {
  const lines = readFileSync('/proc/net/netstat', 'latin1')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
  const [names = [], values = []] = lines.map((line) => line.split(' '))
  return Number(values[names.indexOf('ListenDrops')])
}
