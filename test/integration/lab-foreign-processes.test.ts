/** Other users who take the name of a lab, or connect to one: an abstract name has no permissions (unix(7)). */
import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, type TestContext, test } from 'vitest'
import { labSockets } from '../../electron/engine/lab/program.ts'
import { needsRoot } from './support/conditions.ts'
import { startTestEngine } from './support/engine.ts'
import { startLabProgram } from './support/lab-program.ts'
import { listening, shown } from './support/labs.ts'

const script = fileURLToPath(new URL('./support/foreign-lab.py', import.meta.url))
// Any user can run code passed as text, even if only root can read its file.
const source = readFileSync(script, 'utf8')

type Stranger = AsyncDisposable & { line(): Promise<string> }

/** A process of user `uid` that impersonates a lab or connects to one, once it is ready. */
async function startStranger(uid: number, ...args: string[]): Promise<Stranger> {
  const who = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const child = spawn('setpriv', [...who, '/usr/bin/python3', '-c', source, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    detached: true,
  })
  const gone = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  if (args[0] !== 'ask') expect(await line()).toBe('up')
  return {
    line,
    [Symbol.asyncDispose]: async () => {
      // Including its children.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      await gone
    },
  }
}

const labName = (id: string, uid = 0) => `reuseport-inspector/lab/${uid}/${id}`

describe('a foreign process with the name of a lab', () => {
  test('is never read, though it sends without end, and receives not a byte', async (context) => {
    needsRoot(context)
    await using engine = await startTestEngine()
    await using stranger = await startStranger(65534, 'listen', labName('0badcafe'))
    expect((await engine.client.lab.changes({})).labs).toEqual([])
    expect(await stranger.line()).toBe('0')
    await expect(engine.client.lab.stop({ id: '0badcafe' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('is contacted once for as long as the name is held', async (context) => {
    needsRoot(context)
    await using engine = await startTestEngine()
    await using stranger = await startStranger(65534, 'listen', labName('0badcafe'))
    await engine.client.lab.changes({})
    await engine.client.lab.changes({})
    await using second = await startTestEngine()
    await second.client.lab.changes({})
    // One connection from each engine: a third would arrive before the second engine's is counted.
    expect([await stranger.line(), await stranger.line()]).toEqual(['0', '0'])
    await using asked = await startStranger(65534, 'ask', labName('0badcafe'))
    await asked.line()
    expect(await stranger.line()).toBe('7')
  })

  test('followed by NULs does not hide the lab of that name', async (context) => {
    needsRoot(context)
    await using first = await startTestEngine()
    await using second = await startTestEngine()
    const { id } = await first.client.lab.listen(listening({ protocol: 'tcp' }))
    await using _short = await startStranger(65534, 'silent', `${labName(id)}%`)
    await using _long = await startStranger(65534, 'silent', `${labName(id)}${'%'.repeat(107 - labName(id).length)}`)
    expect(await shown(second.client, id)).toMatchObject({ id, own: false })
  })

  test('faked in the list of sockets by newlines in another name hides no lab', async (context) => {
    needsRoot(context)
    await using first = await startTestEngine()
    await using second = await startTestEngine()
    // A socket of theirs that has been contacted, and is known as foreign since.
    await using _asked = await startStranger(65534, 'silent', labName('0badcafe'))
    await second.client.lab.changes({})
    const inode = labSockets(readFileSync('/proc/net/unix', 'latin1'), 0).get('0badcafe')
    const { id } = await first.client.lab.listen(listening({ protocol: 'tcp' }))
    // The list is unordered: some of these lines follow the true one.
    const lines = Array.from({ length: 30 }, (_, number) => `${number}\n: 0 0 00010000 1 1 ${inode} @${labName(id)}\n`)
    await using _lines = await startStranger(65534, 'silent', ...lines)
    expect(await shown(second.client, id)).toMatchObject({ id, own: false })
  })

  test('is not trusted if a program of root has inherited the socket', async (context) => {
    needsRoot(context)
    await using engine = await startTestEngine()
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 listeners=1')
    const status = { ...(await lab.ask('status')), id: '0badcafe' }
    const answer = JSON.stringify(status).replace(/"supervisor":\d+/, '"supervisor":SUPERVISOR')
    const folder = mkdtempSync(join(tmpdir(), 'rpi-setuid-'))
    chmodSync(folder, 0o755)
    const program = join(folder, 'sleep')
    try {
      copyFileSync('/bin/sleep', program)
      chmodSync(program, 0o4755)
      await using stranger = await startStranger(65534, 'hand-on', labName('0badcafe'), program, answer)
      const { labs } = await engine.client.lab.changes({})
      expect(labs.map(({ id }) => id)).toEqual([lab.id])
      expect(await stranger.line()).toBe('0')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a lab in its own user namespace', () => {
  const withLabOf = async (context: TestContext, uid: number, check: (name: string) => Promise<void>) => {
    needsRoot(context)
    await using lab = startLabProgram(['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'])
    const answer = await lab.ask('listen protocol=tcp address=127.0.0.1 namespace=own')
    if (answer.error?.call === 'unshare') context.skip('ordinary users may not create namespaces here')
    expect(answer).toMatchObject({ ownNamespace: true })
    await check(labName(lab.id, uid))
  }
  const asked = async (uid: number, name: string) => {
    await using stranger = await startStranger(uid, 'ask', name)
    return await stranger.line()
  }

  test('answers its own user, and no other', (context) =>
    withLabOf(context, 12_345, async (name) => {
      expect(await asked(12_345, name)).toContain('"id"')
      expect(await asked(12_346, name)).toBe('')
    }))

  test('answers no one if its own uid is that of unmapped users', (context) =>
    withLabOf(context, 65_534, async (name) => {
      expect(await asked(12_346, name)).toBe('')
      expect(await asked(65_534, name)).toBe('')
    }))
})
