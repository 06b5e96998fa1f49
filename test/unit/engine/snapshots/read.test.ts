/** A corpus of invalid files: each is refused with the reason and the place. */
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import type { FileError } from '../../../../electron/engine/snapshots/file-error.ts'
import { checkedParts, readSnapshot, snapshotOf } from '../../../../electron/engine/snapshots/read.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'
import { CONDITION_MS } from '../../../support/timeouts.ts'

async function* once(bytes: Uint8Array) {
  yield bytes
}
const open = (content: string | Uint8Array, limits?: { file: number; text: number }) =>
  snapshotOf('x', once(typeof content === 'string' ? Buffer.from(content) : content), limits)
const good = JSON.stringify(aSnapshot())
const changed = (change: object) => JSON.stringify({ ...aSnapshot(), ...change })

test('a valid one is opened', async () => {
  expect(await open(good)).toEqual(aSnapshot())
  expect(await open(gzipSync(good))).toEqual(aSnapshot())
})

test('fields that a newer program of the same version added are left alone', async () => {
  expect(await open(changed({ somethingNew: { a: 1 } }))).toEqual(aSnapshot())
})

describe('damaged', () => {
  const broken = Buffer.from(gzipSync(good))
  broken.fill(0xa5, 20, 60)
  test.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /it is empty/],
    ['white space', ' \n', /truncated/],
    ['cut in the middle of a name', good.slice(0, 200), /it is truncated/],
    ['cut at its last character', good.slice(0, -1), /it is truncated/],
    ['one brace', '{', /it is truncated/],
    ['text', 'hello world', /invalid JSON/],
    ['JSON with a mistake in its third line', '{\n"a": 1,\n"b" 2}', /line 3, column 5/],
    ['not UTF-8', Buffer.from(good.replace('edge-07', '\xff'), 'latin1'), /not UTF-8 text/],
    ['a snapshot', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0x0d]), /not UTF-8 text|invalid JSON/],
    ['compressed and cut', gzipSync(good).subarray(0, 150), /it is truncated/],
    ['compressed and damaged', broken, /compressed data is damaged/],
    ['compressed nothing', gzipSync(''), /truncated/],
    ['a number', '1', /not a Reuseport Inspector file/],
    ['null', 'null', /invalid JSON/],
    ['a list', '[]', /not a Reuseport Inspector file/],
    ['of another program', '{"schema":"something/else/1"}', /not a Reuseport Inspector file/],
    ['with a schema that is no text', '{"schema":{"a":1}}', /not a Reuseport Inspector file/],
    ['newer', changed({ schema: 'reuseport-inspector/snapshot/2' }), /version 2, written by a newer program/],
    ['of version 0', changed({ schema: 'reuseport-inspector/snapshot/0' }), /unknown version 0/],
    ['a recording', '{"schema":"reuseport-inspector/recording/1"}', /it is a recording, not a snapshot.*play/s],
    ['without groups', changed({ groups: undefined }), /groups: expected array/],
    ['with a group that is none', changed({ groups: [7] }), /groups\[0\]: expected object/],
    [
      'with a cookie that is none',
      changed({ groups: [aGroup(), aGroup({ members: [aMember({ cookie: 'x' })] })] }),
      /groups\[1\]\.members\[0\]\.cookie/,
    ],
    ['with a group twice', changed({ groups: [aGroup(), aGroup({ port: 80 })] }), /groups\[1\]\.id: .* twice/],
    [
      'with a member twice',
      changed({ groups: [aGroup({ members: [aMember(), aMember({ cookie: '1' }), aMember()] })] }),
      /groups\[0\]\.members\[2\]\.cookie: .* twice/,
    ],
    ['with a port of a million', changed({ groups: [aGroup({ port: 1_000_000 })] }), /groups\[0\]\.port/],
    [
      'nested a hundred thousand deep',
      changed({ host: null }).replace('null', '['.repeat(100_000)),
      /nested too deeply/,
    ],
    ['with something behind its end', `${good}{}`, /data after its end, at line 1/],
    ['with its groups twice', good.replace('"findings":[]', '"groups":[]'), /"groups" appears twice/],
    ['with a text of a megabyte', changed({ findings: ['x'.repeat(1 << 20)] }), /longer than 64 KiB/],
    ['with a comma too many', good.replace('"groups":[', '"groups":[,'), /invalid JSON at line 1, column/],
    ['with a comma too few', good.replace(',"groups"', '"groups"'), /invalid JSON at line 1, column/],
    ['with a comma at its end', good.replace(/\}$/, ',}'), /invalid JSON/],
    ['with a brace for a bracket', good.replace('"members":[', '"members":{'), /invalid JSON/],
    ['nested and closed', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /not a Reuseport Inspector file/],
    ['with a prototype', '{"__proto__":{"schema":"reuseport-inspector/snapshot/1"}}', /not a Reuseport Inspector file/],
  ])('%s', async (_, content, words) => {
    const error = await open(content).then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({
      name: 'FileError',
      problem: { operation: 'opening x', cause: expect.any(String), hint: expect.any(String) },
    })
    const { cause, hint } = (error as FileError).problem
    expect(`${cause} ${hint}`).toMatch(words)
    expect(cause.length).toBeLessThan(500)
  })
})

describe('too large', () => {
  test('is reported before reading', async () => {
    await expect(open(good, { file: 100, text: 1e9 })).rejects.toThrow(/more than the 0 MiB/)
  })
  test('a decompression bomb ends at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20, 0x20))
    expect(bomb.byteLength).toBeLessThan(100_000)
    await expect(open(bomb, { file: 1 << 20, text: 4 << 20 })).rejects.toThrow(/it holds more than the 4 MiB/)
  })
})

test.each([
  ['/', /it is a directory/],
  ['/nowhere/at/all.json', /there is no such file/],
  ['/dev/zero', /it is a device/],
])('%s cannot be opened', async (path, words) => {
  await expect(readSnapshot(path)).rejects.toThrow(words)
})

describe('hostile: nothing is read after the first error', () => {
  const head = good.slice(0, good.indexOf('"groups":['))
  /** Endless repetition, in chunks; `taken` counts them. */
  function endless(start: string, piece: string) {
    const source = { taken: 0, bytes: stream() }
    async function* stream() {
      yield Buffer.from(start)
      const bytes = Buffer.from(piece.repeat(Math.ceil(100_000 / piece.length)))
      for (;;) {
        source.taken++
        yield bytes
      }
    }
    return source
  }
  const group = JSON.stringify(aGroup({ members: [] }))
  test.each([
    ['groups that are numbers', `${head}"groups":[`, '1,', /groups\[0\]: expected object/],
    [
      'members that are numbers',
      `${head}"groups":[${group.slice(0, group.indexOf('"members":[') + 11)}1`,
      ',1',
      /too many values/,
    ],
    ['a list without a file', '', '1,', /not a Reuseport Inspector file/],
    ['a name without an end', '{"', 'x', /longer than 64 KiB/],
    ['a text without an end', `${head}"groups":["`, 'x', /longer than 64 KiB/],
    ['a number without an end', `${head}"durationMs":`, '1', /larger than 1 MiB/],
    ['brackets without an end', `${head}"groups":[`, '[', /nested too deeply/],
    ['unknown names', `{"a":[`, '{"b":0},', /more than the 4 MiB/],
    ['nothing but space', '{', ' ', /more than the 4 MiB/],
  ])('%s', async (_, start, piece, words) => {
    const source = endless(start, piece)
    const limits = { file: 1 << 30, text: piece === ',1' ? 1 << 30 : 4 << 20 }
    await expect(snapshotOf('x', source.bytes, limits)).rejects.toThrow(words)
    expect(source.taken).toBeLessThan(100)
  })

  test('groups without an end: up to the memory limit', async () => {
    let at = 0
    async function* groups() {
      yield Buffer.from(`${head}"groups":[`)
      for (;;) yield Buffer.from(`${JSON.stringify(aGroup({ id: (at++).toString(16).padStart(16, '0') }))},`)
    }
    const parts = checkedParts('x', groups(), { heap: 1 << 20 })
    await expect(async () => {
      for await (const _ of parts);
    }).rejects.toThrow(/too large for the available memory/)
    expect(at).toBeLessThan(2000)
  })

  test('it can be aborted at any time', async () => {
    const end = new AbortController()
    const source = endless(head, ' ')
    const reading = (async () => {
      for await (const _ of checkedParts('x', source.bytes, { signal: end.signal }));
    })()
    await vi.waitUntil(() => source.taken > 3, CONDITION_MS)
    end.abort(new Error('given up'))
    await expect(reading).rejects.toThrow('given up')
  })
})
