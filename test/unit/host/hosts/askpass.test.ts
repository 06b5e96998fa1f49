/** What ssh and sudo do: they run the script with a question as its argument, and read the answer from its output. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type Answerer, Askpass } from '../../../../electron/host/hosts/askpass.ts'

let askpass: Askpass | undefined
afterEach(() => askpass?.close())

function start(answer: Answerer): Askpass {
  askpass = new Askpass(answer)
  return askpass
}

/** Asks as ssh does. */
function ask(question: string, environment: NodeJS.ProcessEnv = {}) {
  const settings = askpass?.environment ?? {}
  const child = spawn(settings.SSH_ASKPASS ?? '', [question], {
    env: { ...process.env, ...settings, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const ended = new Promise<{ status: number | null; out: string }>((resolve) =>
    child.once('close', (status) => resolve({ status, out })),
  )
  return { child, ended }
}

test('a question is passed on as it is, and the answer is what the script prints', async () => {
  const asked: unknown[] = []
  start(async (question) => {
    asked.push(question)
    return `-n $HOME 'x"\\`
  })
  const { ended } = ask("me@web7's password: \n\u0007 100 % `id`")
  expect(await ended).toEqual({ status: 0, out: `-n $HOME 'x"\\\n` })
  expect(asked).toEqual([{ kind: 'secret', text: "me@web7's password: \n\u0007 100 % `id`" }])
})

test.each([
  ['trust', 'ED25519 key fingerprint is SHA256:x.\nAre you sure (yes/no/[fingerprint])? ', {}],
  ['confirm', 'Allow use of key?', { SSH_ASKPASS_PROMPT: 'confirm' }],
  ['notice', 'Confirm user presence', { SSH_ASKPASS_PROMPT: 'none' }],
])('a question of the kind %s', async (kind, text, environment) => {
  let found: string | undefined
  start(async (question) => {
    found = question.kind
    return 'yes'
  })
  expect(await ask(text, environment).ended).toEqual({ status: 0, out: 'yes\n' })
  expect(found).toBe(kind)
})

test('a canceled question fails', async () => {
  start(async () => null)
  expect(await ask('password: ').ended).toEqual({ status: 1, out: '' })
})

test('questions of several processes at once do not mix', async () => {
  start(async ({ text }) => `answer to ${text.slice(0, 3)}`)
  const questions = Array.from({ length: 20 }, (_, number) => `${number}`.padStart(3, '0') + 'x'.repeat(3400))
  const answers = await Promise.all(questions.map((question) => ask(question).ended))
  expect(answers.map(({ out }) => out)).toEqual(questions.map((question) => `answer to ${question.slice(0, 3)}\n`))
})

test('closing it ends every script that waits, and removes the folder', async () => {
  const asked = new Promise<void>((resolve) => {
    start(() => {
      resolve()
      return new Promise(() => {})
    })
  })
  const { ended } = ask('password: ')
  await asked
  const folder = dirname(askpass?.environment.SSH_ASKPASS ?? '')
  askpass?.close()
  expect((await ended).status).toBe(1)
  expect(existsSync(folder)).toBe(false)
})

test.each(Array.from({ length: 10 }, (_, turn) => turn))('also one whose question was not read yet (%i)', async () => {
  start(() => new Promise(() => {}))
  const { child, ended } = ask('password: ')
  const fifo = join(dirname(askpass?.environment.SSH_ASKPASS ?? ''), String(child.pid))
  while (!existsSync(fifo)) await setImmediate()
  askpass?.close()
  expect((await ended).status).toBe(1)
})
