import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeFrame,
  type Frame,
  FrameError,
  FrameKind,
  FrameReader,
  MAX_PAYLOAD,
} from '../../../../electron/host/wire/frames.ts'

const frame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.constantFrom(...Object.values(FrameKind)),
  channel: fc.integer({ min: 0, max: 0xffff }),
  payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
})

test('frames are read as they were written, however they arrive', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(({ kind, channel, payload }) => encodeFrame(kind, channel, payload)))
      const reader = new FrameReader()
      const read: Frame[] = []
      let from = 0
      for (const size of [...cuts, bytes.length]) {
        read.push(...reader.read(bytes.subarray(from, from + size)))
        from += size
      }
      expect(read).toEqual(frames)
    }),
  )
})

test('the largest frame is read, and a larger one is refused by its header', () => {
  const largest = encodeFrame(FrameKind.data, 1, Buffer.alloc(MAX_PAYLOAD))
  expect(new FrameReader().read(largest)).toHaveLength(1)
  const larger = encodeFrame(FrameKind.data, 1, Buffer.alloc(MAX_PAYLOAD + 1))
  expect(() => new FrameReader().read(larger.subarray(0, 7))).toThrow(new FrameError('a frame of 65537 bytes'))
})

test.each([
  ['a length that leaves no room for kind and channel', [0, 0, 0, 2, 1, 0, 0], 'a frame of -1 bytes'],
  ['4 GiB', [255, 255, 255, 255, 1, 0, 0], 'a frame of 4294967292 bytes'],
  ['an unknown kind', [0, 0, 0, 3, 9, 0, 0], 'a frame of unknown kind 9'],
])('%s is refused', (_name, bytes, message) => {
  expect(() => new FrameReader().read(Buffer.from(bytes))).toThrow(new FrameError(message))
})
