/** Lists of groups and sockets for people and programs: columns, order, formats, and the letters of ss. */
import { describe, expect, test } from 'vitest'
import { run } from '../../../../../electron/fronts/cli/program.ts'
import type { Terminal } from '../../../../../electron/fronts/cli/terminal.ts'
import { aContext } from '../../../../doubles/cli-context.ts'
import { recordedTerminal } from '../../../../doubles/recorded-terminal.ts'
import { scriptedEngine } from '../../../../doubles/scripted-engine.ts'
import { aGroup, aMember, aSnapshot, hostNamespace } from '../../../../doubles/snapshots.ts'

const https = aGroup()
const dns = aGroup({
  id: '00000000deadbeef',
  protocol: 'udp',
  port: 53,
  sharing: 'reuseaddr',
  evidence: 'socket-option',
  members: [
    aMember({
      state: 'unconnected',
      queue: { length: 4300, limit: 212_992, unit: 'bytes' },
      drops: null,
      holders: null,
    }),
    aMember({ state: 'connected', cookie: '9', queue: { length: 0, limit: null, unit: 'bytes' } }),
  ],
  queue: { length: 4300, limit: 212_992, unit: 'bytes' },
  drops: null,
})
const finding = {
  code: 'udp-receive-drops',
  severity: 'warning' as const,
  group: https.id,
  members: [],
  summary: 'It drops.',
  evidence: [],
  explanation: '',
  advice: '',
  mentions: [],
}
const snapshot = aSnapshot({ groups: [https, dns], findings: [finding] })

async function cli(args: string[], terminal: Partial<Terminal> = {}) {
  const recorded = recordedTerminal(terminal)
  const engine = scriptedEngine({ snapshot })
  const status = await run(
    args,
    aContext({ terminal: recorded, core: async () => engine.core, connect: async () => engine.client }),
  )
  return { status, out: recorded.out(), messages: recorded.messages(), asked: engine.asked }
}

describe('in a pipe', () => {
  test('every cell is one word, numbers are raw, and the group with a problem is the first', async () => {
    const { out } = await cli(['groups'])
    expect(out.split('\n').map((text) => text.split(/\s+/))).toEqual([
      'PROTO ENDPOINT NETNS LABEL MEMBERS IDLE OWNERS USER SHARING EVIDENCE QUEUE LIMIT UNIT DROPS TROUBLE ID'.split(
        ' ',
      ),
      [
        'tcp4',
        '0.0.0.0:443',
        'self',
        '-',
        '2',
        '0',
        'nginx:1',
        'root',
        'reuseport',
        'co-listening',
        '0',
        '511',
        'connections',
        '0',
        'warning:udp-receive-drops',
        https.id,
      ],
      [
        'udp4',
        '0.0.0.0:53',
        'self',
        '-',
        '1',
        '1',
        'nginx:1',
        'root',
        'reuseaddr',
        'socket-option',
        '4300',
        '212992',
        'bytes',
        'unknown',
        '-',
        dns.id,
      ],
      [''],
    ])
  })

  test('a space in a name is no new column', async () => {
    const engine = scriptedEngine({
      snapshot: aSnapshot({
        namespaces: [{ ...hostNamespace, self: false, name: 'my web' }],
        groups: [aGroup()],
      }),
    })
    const terminal = recordedTerminal()
    await run(['groups', '-H', '--columns', 'netns,members'], aContext({ terminal, core: async () => engine.core }))
    expect(terminal.out()).toBe('my\\x20web  2\n')
  })
})

test('columns are chosen, added and removed, and their names are listed without reading anything', async () => {
  expect((await cli(['groups', '-H', '--columns', 'port,members'])).out).toBe('443  2\n 53  1\n')
  expect((await cli(['groups', '--columns', '+uid,-id'])).out).toMatch(/TROUBLE +UID\n/)
  expect((await cli(['sockets', '-e'])).out).toMatch(/COOKIE +UID +GROUP\n/)
  const help = await cli(['groups', '--columns', 'help'])
  expect(help.out).toMatch(/^endpoint +yes +local address and port$/m)
  expect(help.asked).toEqual([])
  for (const [args, message] of [
    [['--columns', 'nonsense'], /'nonsense' is not a column\. The columns are: proto, /],
    [['--columns', 'uid,+id'], /not both/],
    [['--sort', 'nonsense'], /'nonsense' is not a column/],
  ] as const) {
    const wrong = await cli(['groups', ...args])
    expect(wrong).toMatchObject({ status: 2, out: '', asked: [] })
    expect(wrong.messages).toMatch(message)
  }
})

test('rows are sorted by a column, and what is unknown comes last', async () => {
  const order = async (...args: string[]) =>
    (await cli(['groups', '-H', '--columns', 'port', ...args])).out.match(/\d+/g)
  expect(await order()).toEqual(['443', '53'])
  expect(await order('--sort', 'port')).toEqual(['53', '443'])
  expect(await order('--sort', '-queue')).toEqual(['53', '443'])
  expect(await order('--sort', '-drops')).toEqual(['443', '53'])
  expect(await order('--sort', 'drops')).toEqual(['443', '53'])
})

test('formats for programs', async () => {
  const columns = ['--columns', 'endpoint,owners,drops']
  expect((await cli(['groups', '-o', 'csv', ...columns])).out).toBe(
    'endpoint,owners,drops\r\n0.0.0.0:443,nginx:1,0\r\n0.0.0.0:53,nginx:1,\r\n',
  )
  expect((await cli(['groups', '-o', 'tsv', '-H', ...columns])).out).toBe(
    '0.0.0.0:443\tnginx:1\t0\n0.0.0.0:53\tnginx:1\t\n',
  )
  const lines = (await cli(['groups', '-o', 'ndjson'])).out
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
  expect(lines).toEqual([https, dns].map((group) => ({ schema: 'reuseport-inspector/group/1', ...group })))
  const sockets = (await cli(['sockets', '-o', 'ndjson'])).out
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
  expect(sockets.map(({ schema, cookie, group }) => [schema, cookie, group.port])).toEqual([
    ['reuseport-inspector/socket/1', '4097', 443],
    ['reuseport-inspector/socket/1', '4098', 443],
    ['reuseport-inspector/socket/1', '4097', 53],
    ['reuseport-inspector/socket/1', '9', 53],
  ])
  expect((await cli(['groups', '-o', 'yaml'])).out).toMatch(/^schema: reuseport-inspector\/snapshot\/1\n/)
  expect(JSON.parse((await cli(['groups', '-o', 'json'])).out)).toEqual(snapshot)
  expect((await cli(['groups', '-o', 'json', '--json'])).status).toBe(2)
})

test('on a terminal the worst group is the first, with a sign and a word', async () => {
  const { out } = await cli(['groups'], { interactive: true, width: 120 })
  expect(out.split('\n')[1]).toMatch(/^tcp4 +0\.0\.0\.0:443 +! udp-receive-drops +2 /)
  // A column that was asked for stays, whatever is dropped for it.
  const narrow = await cli(['groups', '--columns', '+total'], { interactive: true, width: 60 })
  expect(narrow.out).toMatch(/ENDPOINT.*TOTAL\n/)
})

test.each([
  ['-tl', { protocol: 'tcp', receiving: true }],
  ['-u', { protocol: 'udp' }],
  ['-tu', {}],
  ['-tlnp6', { protocol: 'tcp', receiving: true, family: 'ipv6' }],
  ['-46', {}],
  ['--port=443', { port: 443 }],
  [
    '--port=80,8000-8100',
    {
      ports: [
        [80, 80],
        [8000, 8100],
      ],
    },
  ],
  ['--address=10.0.0.0/8', { address: '10.0.0.0/8' }],
  ['--pid=812', { pid: 812 }],
  ['--command=nginx', { command: 'nginx' }],
  ['--unit=nginx.service', { service: 'nginx.service' }],
])('%s', async (option, selection) => {
  const { asked } = await cli(['groups', option])
  expect(asked[0]).toEqual({ procedure: 'snapshot', input: { selection: { ...selection, all: false }, owners: true } })
})

test('filters that the engine does not have', async () => {
  expect((await cli(['groups', '-H', '--columns', 'port', '--finding', 'udp-receive-drops'])).out).toBe('443\n')
  expect((await cli(['sockets', '-l', '-H', '--columns', 'state'])).out).toBe('unconnected\nlistening\nlistening\n')
  for (const wrong of [
    ['--port', '8100-80'],
    ['--port', '80/tcp'],
    ['--address', '10.0.0.0/33'],
    ['--address', 'eth0'],
    ['--pid', '0'],
  ])
    expect((await cli(['groups', ...wrong])).status).toBe(2)
})

describe('--output, where a command prints a page by default', () => {
  test('members of a group as rows', async () => {
    const { out } = await cli(['show', https.id, '-o', 'csv', '--columns', 'endpoint,cookie'])
    expect(out).toBe(`endpoint,cookie\r\n0.0.0.0:443,4097\r\n0.0.0.0:443,4098\r\n`)
    expect((await cli(['show', https.id, '--columns', 'help'])).asked).toEqual([])
    expect((await cli(['show', https.id, '--columns', 'nonsense'])).status).toBe(2)
  })

  test('a document as YAML, or in one line', async () => {
    expect((await cli(['show', https.id, '-o', 'yaml'])).out).toMatch(/^schema: reuseport-inspector\/snapshot\/1\n/)
    const line = await cli(['doctor', '--output=ndjson'])
    expect(line.out.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(line.out)).toMatchObject({ schema: 'reuseport-inspector/doctor/1' })
    // Each document of several is one of YAML.
    expect((await cli(['watch', '--count', '1', '-oyaml'])).out).toMatch(/^---\nschema: /)
  })

  test.each([
    ['show', 'nonsense', '-o', 'json'],
    ['show', 'nonsense', '-oyaml'],
    ['groups', '--columns', 'nonsense', '--output=ndjson'],
  ])('an error is a document too: %s %s %s %s', async (...args) => {
    const { status, out, messages } = await cli(args.filter((word) => word !== undefined))
    expect([status, out]).toEqual([2, ''])
    expect(JSON.parse(messages)).toMatchObject({ schema: 'reuseport-inspector/error/1', status: 2 })
  })

  test('a format that the command does not have, or two of them', async () => {
    expect(await cli(['doctor', '-o', 'csv'])).toMatchObject({ status: 2, out: '' })
    expect(await cli(['doctor', '-o', 'yaml', '--json'])).toMatchObject({ status: 2, out: '' })
  })
})

test('a misspelled finding is refused: it would look like a healthy machine', async () => {
  const { status, messages, asked } = await cli(['groups', '--finding', 'nonsense'])
  expect([status, asked]).toEqual([2, []])
  expect(messages).toMatch(/'nonsense' is not a type of findings/)
})
