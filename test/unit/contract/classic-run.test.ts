/** What a classic program returns for a client, and what it depends on. */
import { expect, test } from 'vitest'
import { type ClientPacket, runClassic } from '../../../electron/contract/classic-run.ts'

type Instruction = readonly [code: number, jt: number, jf: number, k: number]
const program = (...list: Instruction[]) => list.map(([code, jt, jf, k]) => ({ code, jt, jf, k }))

const EXTENSION = 0xfffff000
const NETWORK = 0xfff00000
const [LD_W, LD_H, LD_B, LD_IND_H] = [0x20, 0x28, 0x30, 0x48]
const [AND, MOD, RSH, LSH, RET_A, RET_K, TAX, JEQ, JA] = [0x54, 0x94, 0x74, 0x64, 0x16, 0x06, 0x07, 0x15, 0x05]

const ipv4: ClientPacket = {
  protocol: 'tcp',
  family: 'ipv4',
  localAddress: Uint8Array.from([10, 0, 0, 1, ...Array(12).fill(0)]),
  localPort: 443,
  remoteAddress: Uint8Array.from([192, 0, 2, 33, ...Array(12).fill(0)]),
  remotePort: 40_001,
  interface: 3,
}
const ipv6: ClientPacket = { ...ipv4, family: 'ipv6', remoteAddress: new Uint8Array(16).fill(0xab) }

const known = (value: number) => ({ ranges: [{ from: value, to: value }], dependsOn: [] })

/** As native/lab/steering.cc writes it: the source port of IPv4 with any options, and of IPv6. */
const sourcePort = (members: number) =>
  program(
    [LD_B, 0, 0, NETWORK],
    [RSH, 0, 0, 4],
    [JEQ, 0, 2, 6],
    [LD_H, 0, 0, NETWORK + 40],
    [JA, 0, 0, 5],
    [LD_B, 0, 0, NETWORK],
    [AND, 0, 0, 0x0f],
    [LSH, 0, 0, 2],
    [TAX, 0, 0, 0],
    [LD_IND_H, 0, 0, NETWORK],
    [MOD, 0, 0, members],
    [RET_A, 0, 0, 0],
  )

test('a constant, whatever the client', () => {
  expect(runClassic(program([RET_K, 0, 0, 2]), null)).toEqual(known(2))
})

test.each([
  ['the source port over IPv4', sourcePort(7), ipv4, 40_001 % 7],
  ['the source port over IPv6', sourcePort(7), ipv6, 40_001 % 7],
  ['the last byte of the source address', program([LD_B, 0, 0, NETWORK + 15], [RET_A, 0, 0, 0]), ipv4, 33],
  ['the destination address', program([LD_W, 0, 0, NETWORK + 16], [RET_A, 0, 0, 0]), ipv4, 0x0a000001],
  ['the destination port', program([LD_H, 0, 0, NETWORK + 22], [RET_A, 0, 0, 0]), ipv4, 443],
  ['the transport protocol', program([LD_B, 0, 0, NETWORK + 9], [RET_A, 0, 0, 0]), ipv4, 6],
  ['the ethernet protocol', program([LD_W, 0, 0, EXTENSION], [RET_A, 0, 0, 0]), ipv6, 0x86dd],
  ['the ingress interface', program([LD_W, 0, 0, EXTENSION + 8], [RET_A, 0, 0, 0]), ipv4, 3],
  ['payload that a SYN does not have', program([LD_B, 0, 0, 0], [RET_K, 0, 0, 5]), ipv4, 0],
])('%s is known', (_, instructions, packet, value) => {
  expect(runClassic(instructions, packet)).toEqual(known(value))
})

test.each([
  ['the CPU that receives it', EXTENSION + 36, ipv4, 2],
  ['a random number', EXTENSION + 56, ipv4, 2],
  ["the packet's payload", 0, { ...ipv4, protocol: 'udp' as const }, 2],
  ['the destination address', NETWORK + 16, { ...ipv4, localAddress: null }, 2],
  ['the ingress interface', EXTENSION + 8, { ...ipv4, interface: 0 }, 2],
  ["the client's address and port", NETWORK + 12, null, 2],
])('%s is named, and bounds what is returned', (name, offset, packet, most) => {
  expect(runClassic(program([LD_W, 0, 0, offset], [MOD, 0, 0, 3], [RET_A, 0, 0, 0]), packet)).toEqual({
    ranges: [{ from: 0, to: most }],
    dependsOn: [name],
  })
})

test('a jump that depends on something unknown goes both ways', () => {
  const instructions = program(
    [LD_W, 0, 0, EXTENSION + 36],
    [JEQ, 0, 1, 0],
    [RET_K, 0, 0, 4],
    [JEQ, 0, 1, 1],
    [RET_K, 0, 0, 5],
    [RET_K, 0, 0, 9],
  )
  expect(runClassic(instructions, ipv4)).toEqual({
    ranges: [
      { from: 4, to: 5 },
      { from: 9, to: 9 },
    ],
    dependsOn: ['the CPU that receives it'],
  })
})

test('jumps without end are given up, and then any number may be returned', () => {
  const jumps = Array.from({ length: 20 }, (): Instruction => [JEQ, 0, 0, 0])
  const { ranges } = runClassic(program([LD_W, 0, 0, EXTENSION + 56], ...jumps, [RET_A, 0, 0, 0]), ipv4)
  expect(ranges).toEqual([{ from: 0, to: 0xffffffff }])
})
