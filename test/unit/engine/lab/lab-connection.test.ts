import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  LabConnection,
  MAX_ANSWER,
  ProgramEnded,
  ProgramError,
  requestLine,
} from '../../../../electron/engine/lab/lab-connection.ts'

function aDialogue() {
  const answers = new PassThrough()
  const requests = new PassThrough()
  return { answers, requests, dialogue: new LabConnection(answers, requests) }
}

test('answers belong to requests in their order', async () => {
  const { answers, requests, dialogue } = aDialogue()
  const both = Promise.all([dialogue.ask('status'), dialogue.ask('stall member=1')])
  expect(requests.read().toString()).toBe('status\nstall member=1\n')
  answers.write('{"a":1}\n{"b"')
  answers.write(':2}\n')
  expect(await both).toEqual([{ a: 1 }, { b: 2 }])
})

test('an error is reported with its call and does not affect the next answer', async () => {
  const { answers, dialogue } = aDialogue()
  const refused = dialogue.ask('listen')
  const next = dialogue.ask('status')
  answers.write('{"error":{"call":"bind","errno":98,"name":"EADDRINUSE","at":"member 3"}}\n{"fine":true}\n')
  await expect(refused).rejects.toBeInstanceOf(ProgramError)
  await expect(refused).rejects.toMatchObject({ call: 'bind', errno: 'EADDRINUSE', at: 'member 3' })
  expect(await next).toEqual({ fine: true })
})

test('invalid JSON fails only its own request', async () => {
  const { answers, dialogue } = aDialogue()
  const [broken, next] = [dialogue.ask('one'), dialogue.ask('two')]
  answers.write('what?\n{}\n')
  await expect(broken).rejects.toThrow(/invalid JSON/)
  expect(await next).toEqual({})
})

test('the end fails pending and later requests', async () => {
  const { answers, dialogue } = aDialogue()
  const waiting = dialogue.ask('status')
  answers.end()
  await expect(waiting).rejects.toBeInstanceOf(ProgramEnded)
  await dialogue.ended
  await expect(dialogue.ask('status')).rejects.toBeInstanceOf(ProgramEnded)
})

test('an answer without an end ends the connection and is not kept in memory', async () => {
  const { answers, dialogue } = aDialogue()
  const waiting = dialogue.ask('status')
  const piece = 'A'.repeat(1 << 20)
  for (let sent = 0; sent <= MAX_ANSWER; sent += piece.length) answers.write(piece)
  await expect(waiting).rejects.toBeInstanceOf(ProgramEnded)
  await dialogue.ended
  expect(answers.destroyed).toBe(true)
})

test('the longest answer is accepted, in any number of chunks', async () => {
  const { answers, dialogue } = aDialogue()
  const waiting = dialogue.ask('status')
  const text = `"${'é'.repeat(MAX_ANSWER - 2)}"\n`
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 99_999) answers.write(bytes.subarray(at, at + 99_999))
  expect(await waiting).toBe(JSON.parse(text))
})

test('however the stream is cut, every answer belongs to its request', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat({ max: 40 }), { minLength: 1 }),
      async (values, cuts) => {
        const { answers, dialogue } = aDialogue()
        // An object, as every answer is, without the one key that says that it is an error.
        const given = values.map((value, at) => ({ at, value }))
        const all = Promise.all(given.map(({ at }) => dialogue.ask(`status ${at}`)))
        // Bytes: a cut may divide a character.
        let rest = Buffer.from(given.map((answer) => `${JSON.stringify(answer)}\n`).join(''))
        for (let at = 0; rest.length > 0; at++) {
          const length = 1 + (cuts[at % cuts.length] ?? 0)
          answers.write(rest.subarray(0, length))
          rest = rest.subarray(length)
        }
        expect(await all).toEqual(JSON.parse(JSON.stringify(given)))
      },
    ),
  )
})

test('an answer without a request ends the connection', async () => {
  const { answers, dialogue } = aDialogue()
  answers.write('{}\n')
  await dialogue.ended
  await expect(dialogue.ask('status')).rejects.toBeInstanceOf(ProgramEnded)
})

test('a reset connection ends like any other', async () => {
  // The kernel reports a reset where the other side closed with an unread request (unix(7)).
  const { answers, dialogue } = aDialogue()
  const waiting = dialogue.ask('status')
  answers.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  await expect(waiting).rejects.toBeInstanceOf(ProgramEnded)
  await dialogue.ended
})

test('a request is one line of words; a value cannot bring another key', () => {
  expect(
    requestLine('listen', {
      protocol: 'tcp',
      reuseport: true,
      reuseaddr: false,
      uid: undefined,
      port: 0,
      device: null,
    }),
  ).toBe('listen protocol=tcp reuseport=1 reuseaddr=0 port=0')
  expect(() => requestLine('listen', { address: '127.0.0.1 port=1' })).toThrow(/one word/)
  expect(() => requestLine('listen', { address: '127.0.0.1\nstop' })).toThrow(/one word/)
  expect(() => requestLine('listen', { device: '' })).toThrow(/one word/)
})
