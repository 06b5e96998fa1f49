/** What an attached program does, in words. */
import { describe, expect, test } from 'vitest'
import type { ClientPacket } from '../../../../electron/contract/classic-run.ts'
import { programAnswer, programText } from '../../../../electron/engine/analyze/steering-program.ts'
import { byCpu, extended, group, returning } from '../../../doubles/steering-programs.ts'

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
