/**
 * Classic BPF instructions as text, in the syntax of bpf_asm (Documentation/networking/filter.rst). Codes are those of
 * linux/bpf_common.h and linux/filter.h.
 */
import type { ClassicInstruction } from './kernel-group.ts'

/** SKF_AD_OFF: loads from here on read not the packet, but what the kernel knows of it (linux/filter.h). */
const EXTENSIONS_AT = 0xfffff000
/** By offset; their order is that of SKF_AD_PROTOCOL to SKF_AD_VLAN_TPID. */
const EXTENSIONS = [
  ...['proto', 'type', 'ifidx', 'nla', 'nlan', 'mark', 'queue', 'hatype', 'rxhash', 'cpu'],
  ...['xor_x', 'vlan_tci', 'vlan_avail', 'poff', 'rand', 'vlan_tpid'],
].map((name, index) => [4 * index, name] as const)
/** SKF_NET_OFF and SKF_LL_OFF: the start of the network header, and of the link header. */
const NETWORK_AT = 0xfff00000
const LINK_AT = 0xffe00000

const SIZES: Readonly<Record<number, string>> = { 0: '', 8: 'h', 16: 'b' }
const OPERATIONS: Readonly<Record<number, string>> = {
  ...{ 0: 'add', 16: 'sub', 32: 'mul', 48: 'div', 64: 'or', 80: 'and', 96: 'lsh', 112: 'rsh' },
  ...{ 128: 'neg', 144: 'mod', 160: 'xor' },
}
const JUMPS: Readonly<Record<number, string>> = { 16: 'jeq', 32: 'jgt', 48: 'jge', 64: 'jset' }

/** The instructions, one line each: "ld cpu", "mod #8", "ret a". Jumps name the number of the line, from 0. */
export function classicProgramLines(instructions: readonly ClassicInstruction[]): string[] {
  return instructions.map((instruction, at) => formatInstruction(instruction, at) ?? describeUnknown(instruction))
}

function describeUnknown({ code, jt, jf, k }: ClassicInstruction): string {
  return `{ 0x${code.toString(16)}, ${jt}, ${jf}, 0x${k.toString(16)} }`
}

function formatInstruction({ code, jt, jf, k }: ClassicInstruction, at: number): string | null {
  switch (code & 0x07) {
    case 0x00:
      return load('ld', code, k)
    case 0x01:
      return code === 0xb1 ? `ldxb 4*([${offset(k)}]&0xf)` : load('ldx', code, k)
    case 0x02:
      return `st M[${k}]`
    case 0x03:
      return `stx M[${k}]`
    case 0x04: {
      const operation = OPERATIONS[code & 0xf0]
      if (operation === undefined) return null
      return operation === 'neg' ? operation : `${operation} ${operand(code, k)}`
    }
    case 0x05: {
      if ((code & 0xf0) === 0) return `ja ${at + 1 + k}`
      const jump = JUMPS[code & 0xf0]
      return jump === undefined ? null : `${jump} ${operand(code, k)}, ${at + 1 + jt}, ${at + 1 + jf}`
    }
    case 0x06:
      return (code & 0x18) === 0x10 ? 'ret a' : (code & 0x18) === 0x08 ? 'ret x' : `ret #${k}`
    default:
      return (code & 0xf8) === 0x80 ? 'txa' : 'tax'
  }
}

/** A constant, or the index register. */
function operand(code: number, k: number): string {
  return (code & 0x08) === 0 ? `#${k}` : 'x'
}

function load(name: string, code: number, k: number): string | null {
  const size = SIZES[code & 0x18]
  switch (code & 0xe0) {
    case 0x00:
      return `${name} #${k}`
    case 0x20:
      return size === undefined ? null : `${name}${k >= EXTENSIONS_AT ? '' : size} ${place(k)}`
    case 0x40:
      return size === undefined ? null : `${name}${size} [x + ${offset(k)}]`
    case 0x60:
      return `${name} M[${k}]`
    case 0x80:
      return `${name} len`
    default:
      return null
  }
}

function place(k: number): string {
  const extension = EXTENSIONS.find(([at]) => EXTENSIONS_AT + at === k)
  return extension?.[1] ?? `[${offset(k)}]`
}

/** In the packet's payload as the group's program sees it, or in a header before that. */
function offset(k: number): string {
  if (k >= NETWORK_AT && k < EXTENSIONS_AT) return `net + ${k - NETWORK_AT}`
  if (k >= LINK_AT && k < NETWORK_AT) return `link + ${k - LINK_AT}`
  return String(k)
}
