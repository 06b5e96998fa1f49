/** Snapshots of a machine that changes between any two of them: the contents of a recording. */
import fc from 'fast-check'
import type { Group, Member, Snapshot } from '../../electron/contract/model.ts'
import { aGroup, aMember, aSnapshot } from './snapshots.ts'

const GROUPS = 4
const MEMBERS = 3
const START = Date.parse('2026-01-01T00:00:00Z')
export const STEP_MS = 1000

/** The state of one member: absent, or present with a queue length and additional drops. */
const step = fc.record({ there: fc.boolean(), length: fc.nat({ max: 3 }), dropped: fc.nat({ max: 2 }) })

/** At least two snapshots, one second apart. A group without members is absent. */
export const arbitraryWalk: fc.Arbitrary<Snapshot[]> = fc
  .array(fc.array(step, { minLength: GROUPS * MEMBERS, maxLength: GROUPS * MEMBERS }), { minLength: 2, maxLength: 12 })
  .map((steps) => {
    const drops = new Map<number, number>()
    return steps.map((members, number) => {
      const all = members.map(({ there, length, dropped }, at): Member | null => {
        drops.set(at, (drops.get(at) ?? 0) + dropped)
        const queue = { length, limit: 3, unit: 'connections' as const }
        return there ? aMember({ cookie: String(at + 1), queue, drops: drops.get(at) ?? 0 }) : null
      })
      const groups = Array.from({ length: GROUPS }, (_, group): Group | null => {
        const here = all.slice(group * MEMBERS, (group + 1) * MEMBERS).filter((member) => member !== null)
        return here.length === 0 ? null : aGroup({ id: groupId(group), port: 1000 + group, members: here })
      })
      return aSnapshot({
        takenAt: new Date(START + number * STEP_MS).toISOString(),
        groups: groups.filter((group) => group !== null),
        findings: groups.flatMap((group) => (group === null || number % 2 === 0 ? [] : [findingOf(group.id)])),
      })
    })
  })

export function groupId(number: number): string {
  return number.toString(16).padStart(16, '0')
}

function findingOf(group: string) {
  const words = { summary: 'It is full.', explanation: 'It is.', advice: 'Empty it.' }
  return {
    code: 'queue-overflowing',
    severity: 'critical' as const,
    group,
    members: [],
    evidence: [],
    mentions: [],
    ...words,
  }
}
