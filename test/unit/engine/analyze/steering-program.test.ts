/** What an attached program does, in words, and which members it can never pick. */
import { describe, expect, test } from 'vitest'
import type { KernelGroup, ProgramMap, SteeringProgram } from '../../../../electron/contract/kernel-group.ts'
import type { ClientPacket } from '../../../../electron/engine/analyze/classic-run.ts'
import { placesMissed, programAnswer, programText } from '../../../../electron/engine/analyze/steering-program.ts'

const packet: ClientPacket = {
  protocol: 'udp',
  family: 'ipv4',
  localAddress: null,
  localPort: 443,
  remoteAddress: new Uint8Array(16),
  remotePort: 4,
  interface: 0,
}
const nameOf = (cookie: string) => `member ${cookie}`
const classic = (...list: [number, number, number, number][]): SteeringProgram => ({
  kind: 'classic',
  instructions: list.map(([code, jt, jf, k]) => ({ code, jt, jf, k })),
})
const returning = (place: number) => classic([0x06, 0, 0, place])
const byCpu = (members: number) => classic([0x20, 0, 0, 0xfffff024], [0x94, 0, 0, members], [0x16, 0, 0, 0])
const extended = (...cookies: (string | null)[]): Extract<SteeringProgram, { kind: 'extended' }> => ({
  kind: 'extended',
  id: 412,
  name: 'select_worker',
  tag: '7c1e02b4a95d3f60',
  type: 21,
  loadedAt: '2026-01-01T00:00:00.000Z',
  mapCount: 1,
  maps: [
    { id: 88, name: 'worker_socks', type: 20, maxEntries: 8, places: cookies.map((cookie, key) => ({ key, cookie })) },
  ],
})
/** With '2' in its socket array, and a further map of this type. */
const extendedWith = (changed: Partial<ProgramMap>, further?: number): SteeringProgram => {
  const beside = further === undefined ? [] : [{ id: 89, name: 'more', type: further, maxEntries: 1, places: null }]
  const maps = [...extended('2').maps.map((map) => ({ ...map, ...changed })), ...beside]
  return { ...extended(), mapCount: maps.length, maps }
}
const group = (program: SteeringProgram | null, members: (string | null)[] = ['1', '2', '3', '4']): KernelGroup => {
  return { id: 1, members, halfOpen: null, closed: [], maxSocks: 128, bindInany: false, hasConns: false, program }
}

describe('the answer for a client', () => {
  test('is a member, or the hash where its number is no place', () => {
    expect(programAnswer(group(returning(3)), packet, nameOf)).toMatchObject({ kind: 'member', place: 3 })
    expect(programAnswer(group(returning(4)), packet, nameOf)).toEqual({
      kind: 'fallback',
      reason: 'The attached program returns 4 for this client, and there are 4 places, so the hash picks.',
    })
    expect(programAnswer(group(null), packet, nameOf)).toBeNull()
  })
  test('names what it depends on, and when the hash picks', () => {
    expect(programAnswer(group(byCpu(4)), packet, nameOf)?.reason).toBe(
      'The attached program decides, not the hash, depending on the CPU that receives it. It returns 0 to 3.',
    )
    expect(programAnswer(group(byCpu(6)), packet, nameOf)?.reason).toBe(
      'The attached program decides, not the hash, depending on the CPU that receives it. It returns 0 to 5; from 4 on, which is no place of socks[], the hash picks.',
    )
  })
  test('of an extended program is not known; its targets are', () => {
    const what = 'The attached program select_worker (id 412) decides, not the hash, and only the kernel can run it.'
    const otherwise = 'Where it picks none and does not drop, the hash picks.'
    expect(programText(group(extended('1', '2')), nameOf)).toBe(
      `${what} Its map has 2 of 4 members: member 1, member 2. ${otherwise}`,
    )
    expect(programText(group(extended('4', '3', '2', '1')), nameOf)).toBe(
      `${what} Its map has all 4 members. ${otherwise}`,
    )
    expect(programText(group(extended('1', null)), nameOf)).toBe(what)
  })
  test.each([
    ['is empty', extended()],
    ['has only other sockets', extended('8', '9')],
  ])('is the hash where its map %s', (_, program) => {
    expect(programAnswer(group(program), packet, nameOf)).toEqual({
      kind: 'fallback',
      reason:
        'The attached program select_worker (id 412) can pick no member: its map has none of the 4. The hash picks for every client that it does not drop.',
    })
  })
})

describe('members that are never picked', () => {
  test.each([
    ['without a program', group(null), null],
    ['beyond what a classic program returns', group(byCpu(2)), [2, 3]],
    ['for a constant', group(returning(1)), [0, 2, 3]],
    ['none where each is returned', group(byCpu(4)), []],
    ['under no key', group(extended('2', '9')), [0, 2, 3]],
    ['unknown where a place of the map is', group(extended('2', null)), null],
    ['unknown where it has more keys than are read', group(extendedWith({ maxEntries: 40_000 })), null],
    ['unknown where it returns a place', group({ ...extended('2'), type: 1 }), null],
    ['unknown where it also has maps in a map', group(extendedWith({}, 12)), null],
    ['unknown where it also has a SOCKMAP', group(extendedWith({}, 15)), null],
    ['none because of a plain array beside', group(extendedWith({}, 2)), [0, 2, 3]],
  ])('%s', (_, kernel, missed) => {
    expect(placesMissed(kernel)).toEqual(missed)
  })
})
