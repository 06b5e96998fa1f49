import { expect, test } from 'vitest'
import { classicProgramLines } from '../../../electron/contract/classic-program.ts'

const lines = (...instructions: [number, number, number, number][]) =>
  classicProgramLines(instructions.map(([code, jt, jf, k]) => ({ code, jt, jf, k })))

test('the CPU modulo the number of members', () => {
  expect(lines([0x20, 0, 0, 0xfffff024], [0x94, 0, 0, 8], [0x16, 0, 0, 0])).toEqual(['ld cpu', 'mod #8', 'ret a'])
})

test('a random member', () => {
  expect(lines([0x20, 0, 0, 0xfffff038], [0x54, 0, 0, 3], [0x16, 0, 0, 0])).toEqual(['ld rand', 'and #3', 'ret a'])
})

test('bytes of the packet, of its network header and of its link header', () => {
  expect(
    lines(
      [0x28, 0, 0, 12],
      [0x30, 0, 0, 0xfff00009],
      [0x20, 0, 0, 0xffe0000c],
      [0x48, 0, 0, 2],
      [0xb1, 0, 0, 0xfff00000],
    ),
  ).toEqual(['ldh [12]', 'ldb [net + 9]', 'ld [link + 12]', 'ldh [x + 2]', 'ldxb 4*([net + 0]&0xf)'])
})

test('jumps name the line that they go to', () => {
  expect(lines([0x15, 1, 0, 17], [0x05, 0, 0, 1], [0x06, 0, 0, 0], [0x3d, 0, 1, 0], [0x06, 0, 0, 0xffff])).toEqual([
    'jeq #17, 2, 1',
    'ja 3',
    'ret #0',
    'jge x, 4, 5',
    'ret #65535',
  ])
})

test('registers and memory', () => {
  const all = lines(
    [0x01, 0, 0, 5],
    [0x02, 0, 0, 1],
    [0x03, 0, 0, 2],
    [0x60, 0, 0, 1],
    [0x61, 0, 0, 2],
    [0x07, 0, 0, 0],
  )
  expect(all).toEqual(['ldx #5', 'st M[1]', 'stx M[2]', 'ld M[1]', 'ldx M[2]', 'tax'])
  expect(lines([0x87, 0, 0, 0], [0x84, 0, 0, 0], [0x0c, 0, 0, 0], [0x80, 0, 0, 0])).toEqual([
    'txa',
    'neg',
    'add x',
    'ld len',
  ])
})

test('an instruction that does not exist is shown as its numbers', () => {
  expect(lines([0xf4, 1, 2, 0xff])).toEqual(['{ 0xf4, 1, 2, 0xff }'])
})
