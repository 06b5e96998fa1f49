import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { encodeFrame, FrameKind, FrameReader, MAX_PAYLOAD } from '../../../../electron/host/wire/frames.ts'
import { type Channel, Link, type LinkOptions } from '../../../../electron/host/wire/link.ts'

const LIMITS = { silenceMs: 4000, messageBytes: 1 << 20, unsentBytes: 1 << 20 }

/** Two ends, joined. The far one answers each message with `reply`. */
function pair(reply: (text: string, channel: Channel) => void, limits: Partial<LinkOptions> = {}) {
  const [up, down] = [new PassThrough(), new PassThrough()]
  const opened: Channel[] = []
  const far = new Link(up, down, {
    end: 'far',
    ...LIMITS,
    ...limits,
    onChannel(channel) {
      opened.push(channel)
      channel.onMessage = (text) => reply(text, channel)
    },
  })
  const near = new Link(down, up, { end: 'near', ...LIMITS, ...limits })
  return { near, far, opened, up, down }
}

const nextMessage = (channel: Channel) =>
  new Promise<string>((resolve) => {
    channel.onMessage = resolve
  })

/** A near end whose other end is this test: what it writes, and the streams. */
function alone(limits: Partial<LinkOptions> = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  return { link: new Link(input, output, { end: 'near', ...LIMITS, ...limits }), input, output }
}

test('messages of any size and language cross, in order and per channel', async () => {
  const { near } = pair((text, channel) => channel.send(text))
  const [a, b] = [near.open(), near.open()]
  const large = 'ü'.repeat(3 * MAX_PAYLOAD)
  const answers = [nextMessage(a), nextMessage(b)]
  a.send(large)
  b.send('')
  expect(await Promise.all(answers)).toEqual([large, ''])
})

test('a large message does not hold up another channel', () => {
  const { link, output } = alone({ unsentBytes: 4 << 20 })
  const [a, b] = [link.open(), link.open()]
  a.send('x'.repeat(20 * MAX_PAYLOAD))
  b.send('small')
  const reader = new FrameReader()
  const ends: number[] = []
  for (let bytes = output.read(); bytes !== null; bytes = output.read())
    for (const { kind, channel } of reader.read(bytes)) if (kind === FrameKind.data) ends.push(channel)
  expect(ends).toEqual([b.id, a.id])
})

test('a closed channel is closed at both ends, and what is still on its way is dropped', async () => {
  const { near, far, opened } = pair(() => {})
  const channel = near.open()
  channel.send('hello')
  await expect.poll(() => opened.length).toBe(1)
  const closed = new Promise<void>((resolve) => {
    if (opened[0] !== undefined) opened[0].onClose = resolve
  })
  channel.close()
  opened[0]?.send('too late')
  await closed
  expect([near.reason, far.reason]).toEqual([null, null])
})

test('ending it tells the other end why, and closes the channels there', async () => {
  const { near, far, opened } = pair(() => {})
  near.open()
  await expect.poll(() => opened.length).toBe(1)
  const closed = new Promise<void>((resolve) => {
    if (opened[0] !== undefined) opened[0].onClose = resolve
  })
  near.end('it is no longer needed')
  await closed
  expect(await far.ended).toBe('it is no longer needed')
})

test('the end of the stream ends it, and a half-closed one too', async () => {
  const { near, far, up } = pair(() => {})
  up.end()
  expect(await far.ended).toBe('the other end closed it')
  // The far end closes its own half in answer.
  expect(await near.ended).toBe('the other end closed it')
})

test.each([
  ['a frame that is none', Buffer.from('GET / HTTP/1.1\r\n'), /^the other end sent a frame of \d+ bytes$/],
  [
    'a channel that this end did not ask for',
    encodeFrame(FrameKind.open, 5),
    /^the other end sent an unexpected channel$/,
  ],
])('%s ends it', async (_name, bytes, reason) => {
  const { link, input } = alone()
  input.write(bytes)
  expect(await link.ended).toMatch(reason)
})

test('a message larger than the limit ends it before it is complete, and so does one of empty parts', async () => {
  for (const payload of [Buffer.alloc(MAX_PAYLOAD), Buffer.alloc(0)]) {
    const { link, input } = alone({ messageBytes: MAX_PAYLOAD })
    const { id } = link.open()
    input.write(encodeFrame(FrameKind.part, id, payload))
    input.write(encodeFrame(FrameKind.part, id, payload))
    expect(await link.ended).toMatch(/^the other end sent a(n empty part of a)? message( of more than 65536 bytes)?$/)
  }
})

test('more channels than allowed end it', async () => {
  const { near, far } = pair(() => {})
  for (let count = 0; count < 17; count++) near.open()
  expect(await far.ended).toBe('the other end sent more than 16 channels')
})

test('an end that does not read ends it, whether it is sent messages or only asks for answers to pings', async () => {
  const sending = alone({ unsentBytes: 1 << 16 })
  const channel = sending.link.open()
  for (let count = 0; count < 8; count++) channel.send('x'.repeat(1 << 14))
  expect(await sending.link.ended).toBe('the other end does not read')

  const pinged = alone({ unsentBytes: 1 << 12 })
  for (let count = 0; count < 10_000; count++) pinged.input.write(encodeFrame(FrameKind.ping, 0))
  expect(await pinged.link.ended).toBe('the other end does not read')
})

test('room is there once the other end has read', async () => {
  const { link, output } = alone()
  link.open().send('x'.repeat(1 << 19))
  let room = false
  const waited = link.outbox.room(1 << 18).then(() => {
    room = true
  })
  await Promise.resolve()
  expect(room).toBe(false)
  output.resume()
  await waited
})

test('waiting for room ends with the link', async () => {
  const { link } = alone()
  link.open().send('x'.repeat(1 << 19))
  const waited = link.outbox.room(0)
  link.end('enough')
  await waited
})

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

test('the near end pings at once and then regularly, and silence longer than the limit ends it', async () => {
  const { link, output } = alone()
  vi.advanceTimersByTime(4000)
  expect(new FrameReader().read(output.read()).map(({ kind }) => kind)).toEqual(Array(5).fill(FrameKind.ping))
  expect(link.reason).toBeNull()
  vi.advanceTimersByTime(1000)
  expect(await link.ended).toBe('it was silent for 4 s')
})

test('any byte counts as a sign of life', () => {
  const { link, input } = alone()
  for (let count = 0; count < 20; count++) {
    vi.advanceTimersByTime(1000)
    input.emit('data', Buffer.from([0]).subarray(0, 0))
  }
  expect(link.reason).toBeNull()
})

test('two live ends never end by silence', async () => {
  const { near, far } = pair(() => {})
  for (let count = 0; count < 20; count++) {
    vi.advanceTimersByTime(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect([near.reason, far.reason]).toEqual([null, null])
})
