/** A host that lies: every answer is checked, and nothing but an answer is accepted. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { FarEngine } from '../../../../electron/host/wire/far-engine.ts'
import { type Channel, Link } from '../../../../electron/host/wire/link.ts'

const GREETING = { protocol: 1, version: '0', contract: '', pid: 1, uid: 0 }

/** A far engine that gives `answer` the id of each request, and sends what it returns. */
function lyingEngine(answer: (id: string, channel: Channel) => string | null): FarEngine {
  const [up, down] = [new PassThrough(), new PassThrough()]
  new Link(up, down, {
    end: 'far',
    silenceMs: 60_000,
    messageBytes: 1 << 20,
    unsentBytes: 64 << 20,
    onChannel(channel) {
      channel.onMessage = (text) => {
        const reply = answer(JSON.parse(text).i, channel)
        if (reply !== null) channel.send(reply)
      }
    },
  })
  return new FarEngine(GREETING, down, up, { messageBytes: 1 << 20 })
}

const body =
  (json: unknown, more: object = {}) =>
  (id: string) =>
    JSON.stringify({ i: id, p: { b: { json, ...more } } })

test.each([
  ['an escape sequence in place of a number', body({ refresh: '\u001b[2J' })],
  ['nothing', body(null)],
  ['an array', body([[[]]])],
  [
    'a date, a bigint, a regular expression where the contract has none',
    body({ refresh: '1' }, { meta: [['refresh', 0]] }),
  ],
  [
    'a prototype',
    (id: string) => `{"i":${JSON.stringify(id)},"p":{"b":{"json":{"__proto__":{"refresh":1}},"meta":[]}}}`,
  ],
  ['a body that the transport cannot read', (id: string) => JSON.stringify({ i: id, p: { b: 'x' } })],
  ['an error without a body', (id: string) => JSON.stringify({ i: id, p: { s: 500 } })],
  ['an impossible status', (id: string) => JSON.stringify({ i: id, p: { s: -1, b: { json: {} } } })],
])('%s rejects the request, and the connection goes on', async (_name, lie) => {
  const engine = lyingEngine((id) => lie(id))
  await expect(engine.client().sampling.refresh()).rejects.toThrow(/^(?!the connection was lost)/)
  await expect(engine.client().sampling.refresh()).rejects.toThrow(/^(?!the connection was lost)/)
})

test.each([
  ['what is not JSON', () => 'hello'],
  [
    'headers, which could make a file of the body',
    (id: string) => JSON.stringify({ i: id, p: { h: { 'content-disposition': 'attachment; filename=x' } } }),
  ],
  ['an event of a stream', (id: string) => JSON.stringify({ i: id, t: 3, p: { e: 'message', d: 1 } })],
  ['no id', () => JSON.stringify({ p: { b: { json: 1 } } })],
  ['more than allowed', () => 'x'.repeat((1 << 20) + 1)],
])('%s ends the connection', async (_name, lie) => {
  const engine = lyingEngine((id) => lie(id))
  await expect(engine.client().sampling.refresh()).rejects.toThrow(
    /^the connection was lost: the other end sent (what is not an answer|a message of more than 1048576 bytes)$/,
  )
})

test('an answer to no request is ignored', async () => {
  let sent = 0
  const engine = lyingEngine((id, channel) => {
    for (const other of ['999999', '-1', '__proto__', ''])
      channel.send(JSON.stringify({ i: other, p: { b: { json: null } } }))
    sent++
    return JSON.stringify({ i: id, p: { b: { json: null } } })
  })
  expect(await engine.client().lab.stop({ id: '0123abcd' })).toBeNull()
  expect(sent).toBe(1)
})

test('two answers to one request are one answer', async () => {
  const engine = lyingEngine((id, channel) => {
    channel.send(JSON.stringify({ i: id, p: { b: { json: null } } }))
    return JSON.stringify({ i: id, p: { b: { json: 'other' } } })
  })
  const client = engine.client()
  expect(await client.lab.stop({ id: '0123abcd' })).toBeNull()
  expect(await client.lab.stop({ id: '0123abcd' })).toBeNull()
})
