import { describe, expect, test } from 'vitest'
import { Snapshot } from '../../../../electron/contract/model.ts'
import { run } from '../../../../electron/fronts/cli/program.ts'
import type { Terminal } from '../../../../electron/fronts/cli/terminal.ts'
import { aContext } from '../../../doubles/cli-context.ts'
import { recordedTerminal } from '../../../doubles/recorded-terminal.ts'
import { type Script, scriptedEngine } from '../../../doubles/scripted-engine.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

async function cli(args: string[], script: Script = {}, given: Partial<Terminal> = {}) {
  const terminal = recordedTerminal(given)
  const engine = scriptedEngine(script)
  let started = false
  const start = async () => {
    started = true
    return engine
  }
  const observe = async () => (await start()).core
  const connect = async () => (await start()).client
  const status = await run(args, aContext({ terminal, core: observe, connect }))
  return { status, out: terminal.out(), messages: terminal.messages(), asked: engine.asked, started }
}

describe('a usage error is one sentence on standard error, status 2, and starts no engine', () => {
  test.each([
    [['grups'], /unknown command 'grups'.*Did you mean groups\?/],
    [['groups', '--jsn'], /unknown option '--jsn'.*Did you mean --json\?/],
    [['groups', '--port', '0'], /'0' is not a port: use a number from 1 to 65535, or a form/],
    [['groups', '--port', '65536'], /'65536' is not a port/],
    [['groups', '--port', '1e3'], /'1e3' is not a port/],
    [['groups', '--port', '-1'], /'-1' is not a port/],
    [['groups', '--port'], /argument missing/],
    [['groups', '--sharing', 'reusport'], /reuseport, reuseaddr, inherited, none, unknown/],
    [['groups', '--protocol', 'sctp'], /tcp, udp/],
    [['groups', '--user', ''], /A name must have/],
    [['groups', 'extra'], /too many arguments/],
    [['groups', '8443'], /takes ports as an option: `groups --port 8443`, and `port 8443` shows everything on it/],
    [['sockets', '-t', '80,8080-8090'], /takes ports as an option: `sockets --port 80,8080-8090`\./],
    [['groups', ':8443'], /takes no group: `show :8443` shows one, `port 8443` everything.*`groups --port 8443`/],
    [['findings', '--code', 'no-such-type'], /'no-such-type' is not a type of findings\. The types are: queue-over/],
    [['findings', '--severity', 'bad'], /info, warning, critical/],
    [['groups', '--color', 'sometimes'], /auto, always, never/],
    [['check'], /'check' needs a group such as :443, or a file of checks with -f\./],
    [['check', ':443', '-f', 'checks.yaml'], /'check' needs a group such as :443, or a file/],
    [['port', 'nginx'], /'nginx' is not a port: \/etc\/services has no service 'nginx'/],
    [['port', '53/tcp', '--protocol', 'udp'], /The port is named for tcp, and --protocol is udp\./],
    [['show'], /missing required argument 'GROUP\|FILE'/],
    [['show', 'nginx'], /'nginx' is not a group: use an id/],
    [['watch', '--interval', '10ms'], /'10ms' is not allowed: use a duration from 100ms to 60s/],
    [['watch', '--count', '0'], /'0' is not a count/],
    [['watch'], /standard output is not one.*--json/],
    [['completion', 'tcsh'], /bash, zsh, fish/],
    [['lab'], /'lab' needs a subcommand: listen, traffic, run, stop, list\./],
    [['snapshot'], /'snapshot' needs a subcommand: save\./],
    [['help', 'nonsense'], /unknown command 'nonsense'\./],
    [['lab', 'help', 'nonsense'], /unknown command 'lab nonsense'\./],
    [['serve', '--metrics-token-file', '/dev/null'], /--metrics-token-file needs --metrics/],
    [['serve', '--address', '0.0.0.0'], /Cannot serve on 0\.0\.0\.0: only loopback.*ssh -L/],
    [
      ['map', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--prefix', '10.0.0.0/33'],
      /'10.0.0.0\/33' is not a prefix/,
    ],
    [['map', '--protocol', 'tcp', '--local', '127.0.0.1:80', '--prefix', 'ten/8'], /'ten\/8' is not a prefix/],
    [['show', ':443', ':444'], /is not a snapshot file/],
    [['groups', '--host', '-oProxyCommand=id'], /'-oProxyCommand=id' is not a host/],
    [['groups', '--host=web7;id'], /is not a host. Use a name that ssh knows/],
    [['groups', '--host', ''], /'' is not a host/],
    [['groups', '--host', 'web7', '--via', 'sh'], /'--via <COMMAND>' cannot be used with option '--host <HOST>'/],
    [['show', 'before.json', '--host', 'web7'], /A snapshot file is on this machine/],
    [['diff', 'a.json', 'b.json', '--via', 'sh'], /A snapshot file is on this machine/],
    [['play', 'a.ndjson', '--host', 'web7'], /unknown option '--host'/],
    [['groups', '--port', '\x1b[2J'], /'\\x1b\[2J' is not a port/],
  ])('%j', async (args, sentence) => {
    const { status, out, messages, started } = await cli(args)
    expect(status).toBe(2)
    expect(out).toBe('')
    expect(messages).toMatch(sentence)
    expect(messages).toMatch(/^reuseport-inspector: .*[^\n]\n$/)
    expect(started).toBe(false)
  })
})

describe('help', () => {
  test('is printed without a command, and starts no engine', async () => {
    const { status, out, messages, started } = await cli([])
    expect(status).toBe(0)
    expect(out).toMatch(/^Usage: reuseport-inspector/)
    expect(messages).toBe('')
    expect(started).toBe(false)
  })

  test.each(['groups', 'sockets', 'show', 'watch', 'doctor', 'completion'])('of %s has examples', async (command) => {
    const { status, out } = await cli([command, '--help'])
    expect(status).toBe(0)
    expect(out).toMatch(/Examples:\n {2}# /)
    expect(await cli(['help', command])).toMatchObject({ status: 0, out })
  })

  test('the version is the package’s', async () => {
    expect((await cli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

test('filters are passed to the engine', async () => {
  const { asked } = await cli(
    'groups --protocol udp --port 53 --netns web --user www-data --sharing unknown --all --no-owners --json'.split(' '),
  )
  expect(asked).toEqual([
    {
      procedure: 'snapshot',
      input: {
        selection: { protocol: 'udp', port: 53, netns: 'web', user: 'www-data', sharing: 'unknown', all: true },
        owners: false,
      },
    },
  ])
})

describe('--json', () => {
  test('groups prints the Snapshot and nothing else', async () => {
    const { status, out, messages } = await cli(['groups', '--json'], {}, { interactive: true, width: 80, color: true })
    expect(status).toBe(0)
    expect(Snapshot.parse(JSON.parse(out))).toEqual(aSnapshot())
    expect(messages).toBe('')
  })

  test('a hostile command name is escaped for the terminal, and unchanged for programs', async () => {
    const command = 'a\x1b]0;b\x07\u009b1m\u202e'
    const member = aMember({ holders: [{ pid: 1, fds: [3], command, startedAt: null }] })
    const { out } = await cli(['groups', '--json'], {
      snapshot: aSnapshot({ groups: [aGroup({ members: [member] })] }),
    })
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
    expect(JSON.parse(out).groups[0].members[0].holders[0].command).toBe(command)
  })

  test('watch prints one Snapshot per line', async () => {
    const { status, out } = await cli(['watch', '--json', '--count', '3', '--interval', '100ms'])
    expect(status).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) Snapshot.parse(JSON.parse(line))
  })
})

describe('an error of the engine', () => {
  const problem = {
    operation: 'network namespace "web"',
    cause: 'no accessible namespace has that name',
    hint: 'Accessible: host',
  }
  test('is one sentence, what to do, and status 3', async () => {
    const { status, out, messages } = await cli(['groups', '--netns', 'web'], { problem })
    expect(status).toBe(3)
    expect(out).toBe('')
    expect(messages).toBe(
      'reuseport-inspector: network namespace "web": no accessible namespace has that name. Accessible: host.\n',
    )
  })

  test('is a document where JSON is printed, and a state where a monitoring system reads', async () => {
    const message = 'network namespace "web": no accessible namespace has that name. Accessible: host.'
    const { out, messages } = await cli(['groups', '--netns', 'web', '--json'], { problem })
    expect(out).toBe('')
    expect(JSON.parse(messages)).toEqual({ schema: 'reuseport-inspector/error/1', status: 3, message })
    const usage = await cli(['check', '--nagios', '--members', 'many', ':443'])
    expect([usage.status, usage.out]).toEqual([
      3,
      "UNKNOWN - 'many' is not a number of members: use 8, 4..8, 4.. or ..8.\n",
    ])
  })
})

describe('what could not be read', () => {
  const problem = { operation: 'reading network namespace web', cause: 'too many open files', hint: null }
  const fault = { kind: 'fault', netns: null, ...problem } as const
  const incomplete = async (...args: string[]) => {
    const terminal = recordedTerminal()
    const input = async function* () {
      yield Buffer.from(JSON.stringify(aSnapshot()))
    }
    const shortfalls = async () => [{ shortfall: fault, problem }]
    const start = scriptedEngine({ snapshot: aSnapshot({ groups: [] }) })
    const status = await run(args, aContext({ terminal, input, shortfalls, core: async () => start.core }))
    return { status, messages: terminal.messages() }
  }

  test('is reported, with status 3', async () => {
    expect(await incomplete('groups')).toEqual({
      status: 3,
      messages: 'reuseport-inspector: reading network namespace web: too many open files.\n',
    })
  })

  test('does not hide that a difference was found', async () => {
    expect(await incomplete('diff', '-', 'now', '--exit-code')).toMatchObject({ status: 1 })
  })
})

describe('show', () => {
  const four = aGroup({ id: 'aaaabbbb00000001' })
  const six = aGroup({ id: 'aaaabbbb00000002', family: 'ipv6', address: '::' })
  const script: Script = { snapshot: aSnapshot({ groups: [four, six] }) }

  test('prints the one matching group', async () => {
    const { status, out, asked } = await cli(['show', '[::]:443', '--json'], script)
    expect(status).toBe(0)
    expect(JSON.parse(out)).toEqual({ ...script.snapshot, groups: [six] })
    expect(asked).toMatchObject([{ input: { selection: { port: 443, all: true }, owners: true } }])
  })

  test('lists several matches, and what to type', async () => {
    const { status, out, messages } = await cli(['show', ':443'], script)
    expect(status).toBe(2)
    expect(out).toBe('')
    expect(messages).toMatch(/^reuseport-inspector: ':443' matches 2 groups\. Use one of these:\n/)
    const typed = [...messages.matchAll(/^ {2}show (\S+)/gm)].map((match) => match[1] ?? '')
    expect(typed).toHaveLength(2)
    for (const text of typed) expect((await cli(['show', text, '--json'], script)).status).toBe(0)
  })

  test('names the command that was used', async () => {
    expect((await cli(['balance', ':443'], script)).messages).toMatch(/^ {2}balance aaaabbbb00000001 /m)
    expect((await cli(['balance', '8080'], script)).messages).toMatch(/For port 8080, use `balance :8080`/)
  })

  test('has status 3 where none matches, and recognizes a bare port', async () => {
    expect(await cli(['show', ':444'], script)).toMatchObject({ status: 3, out: '' })
    expect((await cli(['show', '8080'], script)).messages).toMatch(/For port 8080, use `show :8080`/)
  })
})

describe('show FILE', () => {
  const hostile = { uid: 7, user: 'x\x1b]0;gone\x07' }
  const groups = [
    aGroup({ id: 'aaaabbbb00000001', netns: 1, ...hostile }),
    aGroup({ id: 'aaaabbbb00000002', netns: 2, protocol: 'udp', ...hostile }),
  ]
  const namespaces = [
    { inode: 1, name: 'host', self: true },
    { inode: 2, name: 'web', self: false },
  ]
  const file = async function* () {
    yield Buffer.from(JSON.stringify(aSnapshot({ groups, namespaces })))
  }
  const show = async (...args: string[]) => {
    const terminal = recordedTerminal()
    const status = await run(['show', ...args], aContext({ terminal, input: file }))
    return { status, out: terminal.out(), messages: terminal.messages() }
  }

  test('filters it by namespace or protocol', async () => {
    const ids = async (...args: string[]) =>
      Snapshot.parse(JSON.parse((await show('-', '--json', ...args)).out)).groups.map(({ id }) => id)
    expect(await ids()).toEqual(groups.map(({ id }) => id))
    expect(await ids('--netns', 'web')).toEqual(['aaaabbbb00000002'])
    expect(await ids('--netns', '1')).toEqual(['aaaabbbb00000001'])
    expect(await ids('--protocol', 'udp')).toEqual(['aaaabbbb00000002'])
    expect(await show('-', '--netns', 'db')).toMatchObject({
      status: 3,
      messages: expect.stringMatching(/no network namespace 'db'.*host, web/),
    })
    expect((await show('-', ':443', '--netns', 'web', '--json')).out).toContain('aaaabbbb00000002')
  })

  test('says what to type for the file, and escapes names from it', async () => {
    const { status, messages } = await show('-', ':443')
    expect(status).toBe(2)
    expect(messages).toMatch(/^ {2}show - aaaabbbb/m)
    expect(messages).not.toContain('\x1b')
    expect(await show('-', ':444')).toMatchObject({
      status: 3,
      messages: expect.stringMatching(/No group in - matches ':444'/),
    })
  })

  test('`now` is this machine, and a name with an extension is a file', async () => {
    expect(JSON.parse((await show('now', '--json')).out)).toEqual(aSnapshot())
    expect(await show('nowhere.gz')).toMatchObject({
      status: 3,
      messages: expect.stringMatching(/opening nowhere.gz: there is no such file/),
    })
  })
})

describe('doctor', () => {
  const check = { id: 'owners', subject: 'Owners', detail: 'of every process', hint: null }
  test('exits with 1 where something cannot be seen at all, and there is a way to see it', async () => {
    const no = await cli(['doctor'], { checks: [{ ...check, state: 'no', hint: 'Run it as root.' }] })
    expect(no.status).toBe(1)
    expect(no.out).toMatch(/no {7}Owners\n {9}of every process\n {9}To see more: Run it as root\.\n/)
    expect((await cli(['doctor'], { checks: [{ ...check, state: 'no' }] })).status).toBe(0)
    expect((await cli(['doctor'], { checks: [{ ...check, state: 'partial', hint: 'More.' }] })).status).toBe(0)
  })

  test('--json prints host and checks', async () => {
    const { out } = await cli(['doctor', '--json'], { checks: [{ ...check, state: 'yes' }] })
    expect(JSON.parse(out)).toEqual({
      schema: 'reuseport-inspector/doctor/1',
      host: aSnapshot().host,
      checks: [{ ...check, state: 'yes' }],
    })
  })
})
