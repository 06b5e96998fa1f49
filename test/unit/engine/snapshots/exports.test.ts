/** Every format carries every name as text. Browsers are tried in test/integration/snapshots-hostile.test.ts. */

import { spawnSync } from 'node:child_process'
import MarkdownIt from 'markdown-it'
import { describe, expect, test } from 'vitest'
import type { Group, Snapshot } from '../../../../electron/contract/model.ts'
import { EXPORT_FORMATS } from '../../../../electron/contract/values.ts'
import { exported, type Format, formatOfName, isBinary } from '../../../../electron/engine/snapshots/exports/formats.ts'
import { prometheus } from '../../../../electron/engine/snapshots/exports/prometheus.ts'
import { visible } from '../../../../electron/engine/snapshots/exports/visible.ts'
import { partsOf, type SnapshotParts } from '../../../../electron/engine/snapshots/parts.ts'
import { hostileFinding, hostileNames } from '../../../doubles/hostile-names.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

async function text(pieces: AsyncIterable<string | Uint8Array>): Promise<string> {
  let all = ''
  for await (const piece of pieces) all += piece
  return all
}
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }
const form = (snapshot: Snapshot, format: Format) => text(exported(partsOf(snapshot), format))

/** A snapshot in which every name is this one. */
function named(name: string): Snapshot {
  const holders = [{ pid: 812, fds: [6], command: name, startedAt: null }]
  return aSnapshot({
    host: { hostname: name, kernelRelease: name, bootId: name, uid: 0, capabilities: [name] },
    namespaces: [{ inode: 4026531840, name, self: true }],
    sysctls: { [name === '' ? 'x' : name]: name },
    groups: [aGroup({ address: name, interface: name, user: name, members: [aMember({ user: name, holders })] })],
    findings: [hostileFinding(name, '3fa9c1d200000001')],
  })
}

test('each is one cell of a CSV row, read back by a CSV reader, and no formula', async () => {
  const files = await Promise.all(hostileNames.map((name) => form(named(name), 'csv')))
  const reader = `import csv, io, json, sys
print(json.dumps([list(csv.reader(io.StringIO(file, newline=""), strict=True)) for file in json.load(sys.stdin)]))`
  const { stdout, stderr } = spawnSync('python3', ['-c', reader], { input: JSON.stringify(files), encoding: 'utf8' })
  expect(stderr).toBe('')
  const read = JSON.parse(stdout) as string[][][]
  expect(read).toHaveLength(hostileNames.length)
  for (const [at, [titles = [], row = [], ...others]] of read.entries()) {
    expect(others, hostileNames[at]).toEqual([])
    expect(row, hostileNames[at]).toHaveLength(titles.length)
    for (const cell of row) expect(cell, hostileNames[at]).not.toMatch(/^\s*[=+\-@|%＝＋－＠]/)
  }
})

describe.each(hostileNames.map((name) => [name]))('%j', (name) => {
  test('adds no invisible character to any format but JSON, which escapes it', async () => {
    for (const format of EXPORT_FORMATS) {
      if (format === 'json' || isBinary(format)) continue
      const lines = (await form(named(name), format)).replace(/\r?\n/g, '')
      expect(lines, format).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }
  })

  test('adds no markup to HTML or SVG', async () => {
    for (const format of ['html', 'svg'] as const) {
      const tags = (source: string) => source.match(/<[^>]*>/g)?.map((tag) => tag.replace(/"[^"]*"/g, '""'))
      expect(tags(await form(named(name), format)), format).toEqual(tags(await form(named('x'), format)))
    }
  })

  test('is text in Markdown, and no link, even for a renderer that looks for links everywhere', async () => {
    // The strictest renderer: it passes HTML through and turns bare host names into links.
    const renderer = new MarkdownIt({ html: true, linkify: true })
    renderer.linkify.set({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: true })
    const rendered = async (text: string) => renderer.render(await form(named(text), 'markdown'))
    const tags = (html: string) => html.match(/<[^>]*>/g)?.filter((tag) => !/^<\/?code>$/.test(tag))
    const html = await rendered(name)
    expect(tags(html)).toEqual(tags(await rendered('x')))
    expect(html).not.toContain('<a')
    const words = html
      .replace(/<[^>]*>/g, '')
      .replace(/&(lt|gt|amp|quot);/g, (_, entity: string) => ENTITIES[entity] ?? '')
    const shown = visible(name).trim()
    // Host, release; in the row address, namespace, owner, user; of the finding its endpoint, summary and advice.
    if (shown !== '') expect(words.split(shown).length - 1).toBeGreaterThanOrEqual(9)
  })

  test('is a label that Prometheus allows', async () => {
    const lines = (await form(named(name), 'prometheus')).trimEnd().split('\n')
    for (const line of lines) {
      expect(line).toMatch(/^(# .*|[a-z_]+(\{([a-z0-9_]+="([^"\\]|\\["\\n])*",?)+\})? -?[0-9.e+-]+)$/)
    }
  })
})

test('what members are given is in the table of members, and a column where it is counted', async () => {
  const given = { count: 12, sample: 12, perSecond: 1.5, acceptedPerSecond: 1, meanWaitMs: null }
  const counted = aSnapshot({ groups: [aGroup({ members: [aMember({ given })] })] })
  const [head = '', line = ''] = (await form(counted, 'csv')).split('\r\n')
  const at = head.split(',').indexOf('given')
  expect(head.split(',').slice(at, at + 3)).toEqual(['given', 'given_per_second', 'accepted_per_second'])
  expect(line).toContain(',12,1.5,1,')
  expect(await form(counted, 'html')).toContain('>Given</th>')
  expect(await form(aSnapshot(), 'html')).not.toContain('>Given</th>')
})

test('unknown is empty, "unknown", or left out, and never 0', async () => {
  const queue = { length: null, limit: null, unit: 'bytes' as const }
  const member = aMember({ queue, drops: null, holders: null, pollers: null })
  const snapshot = aSnapshot({ groups: [aGroup({ members: [member], queue, drops: null })] })
  const [head, cells] = (await form(snapshot, 'csv')).split('\r\n').map((line) => line.split(','))
  const unknown = {
    queue_length: '',
    queue_limit: '',
    queue_unit: 'bytes',
    drops: '',
    given: '',
    pids: '',
    pollers: '',
  }
  expect(Object.fromEntries(head?.map((name, at) => [name, cells?.[at]]) ?? [])).toMatchObject(unknown)
  expect(await form(snapshot, 'markdown')).toMatch(/\| unknown \|$/m)
  const metrics = await form(snapshot, 'prometheus')
  expect(metrics).not.toMatch(/_queue_|drops/)
})

test('an image shortens long names, but never the port', async () => {
  const address = '2001:db8:1234:5678:9abc:def0:1234:5678'
  const host = { ...aSnapshot().host, hostname: 'a'.repeat(200) }
  const snapshot = await form(aSnapshot({ host, groups: [aGroup({ address, family: 'ipv6', port: 65_432 })] }), 'svg')
  expect(snapshot).toMatch(/>tcp6 \[2001:db8:[^<]*…[^<]*\]:65432</)
  expect(snapshot).toMatch(/>Sockets that share a port on a{10,60}…</)
})

test.each<[string, Format | null]>([
  ['report.html', 'html'],
  ['a.csv.gz', 'csv'],
  ['ticket.MD', 'markdown'],
  ['x.prom', 'prometheus'],
  ['x', null],
  ['x.exe', null],
])('%s selects %s', (name, format) => {
  expect(formatOfName(name)).toBe(format)
})

test.each(EXPORT_FORMATS)('nothing is written as %s where nothing could be read', async (format) => {
  const unreadable: SnapshotParts = (async function* () {
    yield* []
    throw new Error('sock_diag is refused')
  })()
  const pieces = exported(unreadable, format)
  await expect(pieces[Symbol.asyncIterator]().next()).rejects.toThrow('sock_diag is refused')
})

describe('Prometheus text', () => {
  const group = (drops: Record<number, number>, given: Partial<Group> = {}) =>
    aGroup({
      members: Object.entries(drops).map(([cookie, count]) => aMember({ cookie, drops: count })),
      drops: Object.values(drops).reduce((sum, count) => sum + count, 0),
      ...given,
    })
  test('a snapshot that is read once has no counters of joins and leaves', async () => {
    const metrics = await text(prometheus(partsOf(aSnapshot({ groups: [group({ 1: 5 })] }))))
    expect(metrics).toMatch(/^reuseport_group_drops_total\{.*\} 5$/m)
    expect(metrics).not.toMatch(/joined|left_total/)
  })

  test('series are limited, and what is left out is counted', async () => {
    const groups = Array.from({ length: 30 }, (_, at) =>
      group({ [at * 10 + 1]: at, [at * 10 + 2]: 0 }, { id: at.toString(16).padStart(16, '0') }),
    )
    const limits = { groups: 10, members: 8, membersOfGroup: 64 }
    const metrics = await text(prometheus(partsOf(aSnapshot({ groups })), limits))
    const samples = (name: string) => metrics.match(new RegExp(`^${name}\\{`, 'gm'))?.length ?? 0
    expect(samples('reuseport_group_members')).toBe(10)
    expect(samples('reuseport_member_accept_queue_connections')).toBe(8)
    expect(metrics).toContain('reuseport_omitted{kind="groups"} 20')
    expect(metrics).toContain('reuseport_omitted{kind="members"} 52')
    // The most important ones are shown.
    expect(metrics).toContain(`reuseport_group_members{group="${(29).toString(16).padStart(16, '0')}"`)
  })
})
