import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { KernelGroupSummary } from '../../../../../electron/contract/live.ts'
import { PlacesFact, ProgramFact } from '../../../../../renderer/features/group/kernel-facts.tsx'

const group: KernelGroupSummary = {
  id: 4,
  members: 8,
  halfOpen: 0,
  closed: 0,
  maxSocks: 128,
  bindInany: false,
  hasConns: false,
  program: null,
  decides: false,
}
const textOf = (markup: string) => markup.replace(/<[^>]*>/g, '')
const places = (...groups: KernelGroupSummary[]) => textOf(renderToStaticMarkup(<PlacesFact groups={groups} />)).trim()
const program = (kernel: Parameters<typeof ProgramFact>[0]['kernel']) =>
  renderToStaticMarkup(<ProgramFact kernel={kernel} picks />)

test('places, and only what is out of the ordinary beside them', () => {
  expect(places(group)).toBe('8 of 128 places')
  expect(places({ ...group, halfOpen: 1200, closed: 2 }, { ...group, id: 5 })).toBe(
    '8 of 128 places 1,200 half-open, 2 in the closed section, and 1 more group with this key',
  )
})

test('the program: none, its name, or unknown with the reason', () => {
  expect(textOf(program({ groups: [group], unknownBecause: null }))).toBe('none the hash decides')
  const attached = { ...group, program: ['pick (sk_reuseport, id 96, tag 67ff4b721465ed31), loaded now', 'map socks'] }
  expect(textOf(program({ groups: [{ ...attached, decides: true }], unknownBecause: null }))).toBe('pick')
  expect(textOf(program({ groups: [attached], unknownBecause: null }))).toBe('pick picks no member: the hash decides')
  const unknown = program({ groups: null, unknownBecause: 'it requires CAP_BPF' })
  expect(textOf(unknown)).toBe('unknown')
  expect(unknown).toContain('Unknown because it requires CAP_BPF.')
  expect(textOf(program(null))).toBe('unknown')
})
