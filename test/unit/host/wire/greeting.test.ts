import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contractHash } from '../../../../electron/host/wire/contract-hash.ts'
import { markedLine, nextMarkedLine } from '../../../../electron/host/wire/greeting.ts'

const MARKER = '0123456789abcdef0123456789abcdef'

async function rest(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('a marked line is found among noise, in any chunks, and what follows stays in the stream', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.string(),
      fc.array(fc.integer({ min: 1, max: 60 })),
      async (before, after, cuts) => {
        const bytes = Buffer.from(`${before}${markedLine(MARKER, { pid: 7 })}${after}`)
        const chunks: Buffer[] = []
        let from = 0
        for (const size of [...cuts, bytes.length]) {
          if (from < bytes.length) chunks.push(bytes.subarray(from, from + size))
          from += size
        }
        const stream = Readable.from(chunks, { objectMode: false })
        expect(await nextMarkedLine(stream, MARKER)).toEqual({
          ended: false,
          message: { pid: 7 },
          noise: Buffer.from(before).toString(),
        })
        expect(await rest(stream)).toBe(Buffer.from(after).toString())
      },
    ),
  )
})

test('several marked lines are read one after another', async () => {
  const stream = Readable.from([Buffer.from(markedLine(MARKER, 1) + markedLine(MARKER, 2))], { objectMode: false })
  expect((await nextMarkedLine(stream, MARKER)).message).toBe(1)
  expect((await nextMarkedLine(stream, MARKER)).message).toBe(2)
})

test('a stream without one gives its noise', async () => {
  const stream = Readable.from([Buffer.from('This account is currently not available.\n')], { objectMode: false })
  expect(await nextMarkedLine(stream, MARKER)).toEqual({
    ended: true,
    message: undefined,
    noise: 'This account is currently not available.\n',
  })
})

test('endless noise is not read', async () => {
  const stream = new PassThrough()
  stream.write(Buffer.alloc(1 << 20, 'y\n'))
  expect((await nextMarkedLine(stream, MARKER)).ended).toBe(true)
})

test('a marked line that is not JSON has no message', async () => {
  const stream = Readable.from([Buffer.from(`\n${MARKER} {"pid":\n`)], { objectMode: false })
  expect(await nextMarkedLine(stream, MARKER)).toEqual({ ended: false, message: undefined, noise: '' })
})

test('the hash of the contract has 16 digits', () => {
  expect(contractHash()).toMatch(/^[0-9a-f]{16}$/)
})
