import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoggedEvent } from '../../../../../electron/contract/events.ts'
import { commandHook } from '../../../../../electron/fronts/server/hooks/command-hook.ts'
import { FindingHooks, hookOf } from '../../../../../electron/fronts/server/hooks/finding-hooks.ts'
import { HookQueue } from '../../../../../electron/fronts/server/hooks/hook-queue.ts'
import { webhook } from '../../../../../electron/fronts/server/hooks/webhook.ts'
import { hookEvent } from './event.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-hooks-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const never = new AbortController().signal

test('a command has the event in its environment and on its input, and never as a part of the command', async () => {
  const file = join(folder, 'seen')
  const hostile = `$(touch ${join(folder, 'run')}); "'\u0000\u001b[31m\u202e`
  const hook = commandHook(
    `printf '%s\\n' "$REUSEPORT_CODE" "$REUSEPORT_OWNER" "$REUSEPORT_LOST" >${file}; cat >>${file}`,
  )
  await hook.call(hookEvent({ owner: hostile, lost: 7 }), never)
  const [code, owner, lost, json = ''] = readFileSync(file, 'utf8').split('\n')
  expect([code, lost]).toEqual(['queue-overflowing', '7'])
  expect(owner).toBe(`$(touch ${join(folder, 'run')}); "'\\x00\\x1b[31m\\u202e`)
  expect(JSON.parse(json)).toMatchObject({
    schema: 'reuseport-inspector/event/1',
    owner: hostile,
    hostname: expect.any(String),
  })
  expect(() => readFileSync(join(folder, 'run'))).toThrow()
})

test('a command that fails is named with its status, and one that goes on is ended with what it started', async () => {
  await expect(commandHook('exit 3').call(hookEvent(), never)).rejects.toThrow('it ended with status 3')
  const file = join(folder, 'pid')
  const end = new AbortController()
  const running = commandHook(`sleep 600 & echo $! >${file}.part && mv ${file}.part ${file}; wait`).call(
    hookEvent(),
    end.signal,
  )
  const pid = await expect
    .poll(() => Number(readFileSync(file, 'utf8')))
    .toBeGreaterThan(0)
    .then(() => Number(readFileSync(file, 'utf8')))
  end.abort()
  await expect(running).rejects.toThrow('it was ended by SIGKILL')
  await expect.poll(() => isRunning(pid)).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('a webhook gets JSON, is tried again, and is not followed elsewhere', async () => {
  const bodies: string[] = []
  const answers = [500, 204, 302]
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(answers.shift() ?? 500, { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`
  const hook = webhook(address, [1])
  expect(hook.name).not.toContain('secret')
  await hook.call(hookEvent(), never)
  expect(bodies.map((body) => JSON.parse(body))).toEqual(
    Array.from({ length: 2 }, () =>
      expect.objectContaining({ finding: 'queue-overflowing:1-2', severity: 'critical' }),
    ),
  )
  await expect(webhook(address, []).call(hookEvent(), never)).rejects.toThrow('it answered with status 302')
  await new Promise((done) => server.close(done))
  await expect(webhook(address, []).call(hookEvent(), never)).rejects.toThrow('it cannot be reached (')
})

test('an address that is wrong, or shows a password to every user, is refused', () => {
  expect(() => hookOf('http://')).toThrow('not a valid URL')
  expect(() => hookOf('https://me:pass@example.com/')).toThrow('user name or password')
  expect(hookOf('HTTPS://example.com/').kind).toBe('webhook')
  expect(hookOf('logger http').kind).toBe('command')
})

test('findings are passed on by severity, unless muted, when they are raised and when they clear', async () => {
  const passed: string[] = []
  const hook = {
    name: 'The hook',
    kind: 'command' as const,
    call: async ({ kind, finding }: LoggedEvent) => void passed.push(`${kind} ${finding}`),
  }
  const queue = new HookQueue(hook, () => undefined)
  const muting = { mutedFindings: ['member-stalled', 'port-hijackable:1'], mutedUntil: {} }
  const hooks = new FindingHooks([queue], 'warning', async () => muting)
  const events: Partial<LoggedEvent & { severity: 'info' | 'warning' | 'critical'; finding: string }>[] = [
    { finding: 'a:1' },
    { finding: 'b:1', severity: 'info' },
    { finding: 'member-stalled:9' },
    { finding: 'port-hijackable:1' },
    { kind: 'cleared', finding: 'b:1', severity: 'info' },
    { kind: 'joined' },
    { finding: 'port-hijackable:2', severity: 'warning' },
    { kind: 'cleared', finding: 'a:1' },
    { kind: 'cleared', finding: 'member-stalled:9' },
    // Raised by an earlier engine, whose history goes on.
    { kind: 'cleared', finding: 'c:1' },
  ]
  for (const event of events) hooks.take(hookEvent(event))
  await expect.poll(() => passed).toEqual(['raised a:1', 'raised port-hijackable:2', 'cleared a:1', 'cleared c:1'])
  await hooks.close()
})
