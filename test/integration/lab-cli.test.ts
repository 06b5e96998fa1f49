/** The lab's commands, as users and scripts run them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Lab, LabId, RecipeRun } from '../../electron/contract/lab.ts'
import { LabDocument } from '../../electron/fronts/cli/documents.ts'
import { eventually } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { nothingLeft } from './support/labs.ts'
import { runTerminal } from './support/terminal.ts'

/** The line that `lab listen --json` prints. */
const Line = LabDocument.extend({ schema: z.literal('reuseport-inspector/lab/1') }).strict()
/** The document that `lab list --json` prints. */
const LabList = z.object({
  schema: z.literal('reuseport-inspector/labs/1'),
  labs: z.array(Lab),
  unresponsive: z.array(LabId),
})

type Held = AsyncDisposable & {
  readonly child: ChildProcess
  readonly lab: z.infer<typeof Line>
  /** Sends a command; resolves to the next line of JSON. */
  tell(command: string): Promise<Lab>
  /** Resolves to the exit status, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly messages: () => string
}

/** Starts `lab listen … --json` and waits for its line. */
async function hold(...args: string[]): Promise<Held> {
  const child = spawn(process.execPath, [`${root}dist/node/cli.cjs`, 'lab', 'listen', ...args, '--json'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let messages = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const line = await lines.next()
    if (line.done) throw new Error(`lab listen ended: ${messages}`)
    return Line.parse(JSON.parse(line.value))
  }
  return {
    child,
    lab: await next(),
    ended,
    messages: () => messages,
    tell: (command) => {
      child.stdin.write(`${command}\n`)
      return next()
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

test('lab listen prints one line when all are open, runs commands, and leaves nothing at the end', async () => {
  const held = await hold(...'--protocol tcp --address 127.0.0.1 --port 0 --listeners 4 --processes 2'.split(' '))
  const { lab } = held
  expect(lab).toMatchObject({ address: '127.0.0.1', id: expect.stringMatching(/^[0-9a-f]{8}$/) })
  expect(lab.port).toBeGreaterThan(0)
  expect(lab.pids).toHaveLength(2)
  expect(lab.cookies).toEqual(lab.members.map(({ cookie }) => cookie))

  const seen = await runTerminal(['groups', '--port', String(lab.port), '--json'])
  const [group] = (JSON.parse(seen.out) as { groups: { members: { cookie: string }[] }[] }).groups
  expect(group?.members.map(({ cookie }) => cookie).sort()).toEqual([...lab.cookies].sort())
  expect((await runTerminal(['groups', '--port', String(lab.port)])).out).toMatch(/LABEL[\s\S]*\blab\b/)
  expect((await runTerminal(['show', `:${lab.port}`])).out).toMatch(/Label +lab/)

  // Members are numbered from 1, as in the window; an index counts from 0.
  expect((await held.tell('stall 1')).members[0]?.state).toBe('stalled')
  expect((await held.tell('resume 1')).members[0]?.state).toBe('normal')
  expect((await held.tell('close 4')).members[3]?.state).toBe('closed')
  expect((await held.tell('add')).members).toHaveLength(5)
  held.child.stdin?.write('dance\n')
  await eventually('an error is printed', () => /'dance' is not a command/.test(held.messages()))

  const listed = LabList.parse(JSON.parse((await runTerminal(['lab', 'list', '--json'])).out))
  expect(listed.labs.find(({ id }) => id === lab.id)).toMatchObject({ own: false, port: lab.port })
  expect((await runTerminal(['lab', 'list'])).out).toContain(`127.0.0.1:${lab.port}`)

  // The end of standard input does not end it.
  held.child.stdin?.end()
  const sent = await runTerminal(['lab', 'traffic', lab.id, '--count', '800', '--json'])
  expect(sent).toMatchObject({ status: 0, messages: '' })
  const after = Line.parse(JSON.parse(sent.out))
  expect(after.traffic).toMatchObject({ done: 800, failed: false })
  expect(after.workers.reduce((sum, { received }) => sum + received, 0)).toBe(800)
  const words = await runTerminal(['lab', 'traffic', lab.id, '--count', '500'])
  expect(words.out).toMatch(/500 of 500 done/)
  expect(words.out).toMatch(/latency p50 .* ms, .*p99 .* ms/)
  // What each worker received of this traffic, not of all since the start.
  const bars = [...words.out.matchAll(/^ +\d+ {2}[█#]* +([\d,]+)$/gm)].map(([, number]) =>
    Number(number?.replace(',', '')),
  )
  expect(bars.reduce((sum, bar) => sum + bar, 0)).toBe(500)

  held.child.kill('SIGINT')
  expect(await held.ended).toBe(0)
  await nothingLeft(lab)
})

test.each(['SIGTERM', 'SIGKILL'] as const)('%s to lab listen leaves nothing behind', async (signal) => {
  const held = await hold('--protocol', 'udp', '--listeners', '8', '--processes', '4')
  held.child.kill(signal)
  expect(await held.ended).toBe(signal === 'SIGTERM' ? 0 : 'SIGKILL')
  await nothingLeft(held.lab)
})

test('an unexpected end is reported', async () => {
  await using held = await hold('--protocol', 'tcp')
  process.kill(held.lab.supervisor, 'SIGKILL')
  expect(await held.ended).toBe(3)
  expect(held.messages()).toMatch(/ended early: its processes were killed/)
  await nothingLeft(held.lab)
})

test('a lab that is stopped by a signal is reported, not skipped', async () => {
  await using held = await hold('--protocol', 'tcp', '--listeners', '2')
  const { id, pids } = held.lab
  const supervisor = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pids[0]}/stat`, 'utf8'))?.[1])
  process.kill(supervisor, 'SIGSTOP')
  try {
    const listed = await runTerminal(['lab', 'list', '--json'])
    expect(listed).toMatchObject({ status: 3, messages: expect.stringContaining(`Lab ${id} does not respond`) })
    expect(JSON.parse(listed.out)).toMatchObject({ labs: [], unresponsive: [id] })
  } finally {
    process.kill(supervisor, 'SIGCONT')
  }
  const again = await runTerminal(['lab', 'list'])
  expect(again).toMatchObject({ status: 0, messages: '', out: expect.stringContaining(id) })
})

test('lab stop closes one by its id', async () => {
  await using one = await hold('--protocol', 'tcp')
  await using other = await hold('--protocol', 'tcp')
  expect(await runTerminal(['lab', 'stop', one.lab.id])).toEqual({ status: 0, out: '', messages: '1 lab closed.\n' })
  await nothingLeft(one.lab)
  // `lab listen` reports that it was stopped, which is not an error.
  expect(await one.ended).toBe(0)
  expect(one.messages()).toBe(`Lab ${one.lab.id} was stopped.\n`)
  expect(await runTerminal(['lab', 'stop', one.lab.id])).toMatchObject({
    status: 3,
    messages: expect.stringMatching(/no open lab with this id/),
  })
  expect((await other.tell('add')).members).toHaveLength(5)
})

test('lab run prints its result as text and as JSON', async () => {
  const words = await runTerminal(['lab', 'run', 'reuseaddr-is-not-reuseport', '--size', 'small'])
  expect(words).toMatchObject({ status: 0, messages: '' })
  expect(words.out).toMatch(/^The newest socket takes all {2}holds/)
  expect(words.out).toMatch(/^pass +With SO_REUSEADDR alone the newest socket receives every datagram/m)
  expect(words.out).toMatch(/Pass criterion:/)
  const json = await runTerminal(['lab', 'run', 'steering', '--size', 'small', '--json'])
  expect(json).toMatchObject({ status: 0, messages: '' })
  expect(RecipeRun.parse(JSON.parse(json.out)).verdict?.outcome).toBe('holds')
})

test.each([
  [['listen'], 2, /--protocol/],
  [['listen', '--protocol', 'tcp', '--listeners', '0'], 2, /'0' is not allowed: use a whole number from 1 to 4096/],
  [['listen', '--protocol', 'tcp', '--duration', '1000m'], 2, /use a duration from 6s to 2h/],
  [['listen', '--protocol', 'tcp', '--address', '203.0.113.9'], 3, /not an address of this machine.*Use 127\.0\.0\.1/],
  [['listen', '--protocol', 'tcp', '--user', 'no-such-user'], 3, /no such user.*login name/],
  [['listen', '--protocol', 'tcp', '--interface', 'nowhere0'], 3, /no such interface.*Use one of/],
  [['traffic', '00000000'], 3, /no open lab with this id/],
  [['traffic', '192.0.2.1:80'], 2, /not a lab id/],
  [['stop'], 2, /either a lab id or --all/],
  [['run', 'nonsense'], 2, /accept-models/],
] as const)('lab %j is refused in one sentence', async (args, status, message) => {
  const ended = await runTerminal(['lab', ...args])
  expect(ended).toMatchObject({ status, out: '' })
  expect(ended.messages).toMatch(message)
  expect(ended.messages.trim().split('\n')).toHaveLength(1)
})

test.each(['listen', 'traffic', 'run', 'stop', 'list'])('lab %s --help has examples', async (command) => {
  const { status, out } = await runTerminal(['lab', command, '--help'])
  expect(status).toBe(0)
  expect(out).toContain(`reuseport-inspector lab ${command}`)
  expect(out).toContain('Examples:')
})
