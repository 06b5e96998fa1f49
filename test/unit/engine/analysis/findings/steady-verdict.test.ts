import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../../../../electron/contract/model.ts'
import type { Verdict } from '../../../../../electron/engine/analysis/findings/rule.ts'
import { SteadyVerdict } from '../../../../../electron/engine/analysis/findings/steady-verdict.ts'
import { NOTHING } from '../../../../../electron/engine/prose.ts'

const SEVERITIES: Record<string, Severity | null> = { c: 'critical', w: 'warning', i: 'info', '.': null }

function verdict(severity: Severity, summary: string = severity): Verdict {
  return { severity, members: [], summary: [summary], numbers: [], explanation: NOTHING, advice: NOTHING }
}

/** The severity that stands after each look, one a slot; `-` for none. */
function looks(pattern: string, calm = 3): string {
  const steady = new SteadyVerdict(calm)
  const after = [...pattern].map((sign, slot) => {
    const severity = SEVERITIES[sign] ?? null
    return (steady.look(severity && verdict(severity), slot)?.severity ?? '-')[0]
  })
  return after.join('')
}

describe('a steady verdict', () => {
  it.each([
    ['is worse at once', 'wc', 'wc'],
    ['is milder only after three looks in a row', 'c.ww', 'cccw'],
    ['stays as it is when it flips from look to look', 'cwcwcwcw', 'cccccccc'],
    ['counts looks that say nothing as milder', 'c.ww', 'cccw'],
    ['stands while nothing is said', 'w...', 'wwww'],
    ['falls to what is said then, not to the least', 'cwiww', 'cccww'],
    ['has nothing before the first', '..i', '--i'],
  ])('%s: %s gives %s', (_, pattern, standing) => {
    expect(looks(pattern)).toBe(standing)
  })

  it('says the newest of what is as severe', () => {
    const steady = new SteadyVerdict(3)
    steady.look(verdict('critical', '3 lost'), 1)
    expect(steady.look(verdict('critical', '5 lost'), 2)?.summary).toEqual(['5 lost'])
    expect(steady.look(verdict('warning', 'full'), 3)?.summary).toEqual(['5 lost'])
  })

  it('counts looks of one slot once', () => {
    const steady = new SteadyVerdict(2)
    steady.look(verdict('critical'), 1)
    for (let look = 0; look < 10; look++) steady.look(verdict('warning'), 2)
    expect(steady.standing?.severity).toBe('critical')
    expect(steady.unsettled).toBe(true)
    expect(steady.look(verdict('warning'), 3)?.severity).toBe('warning')
    expect(steady.unsettled).toBe(false)
  })

  it('never falls more often than it calms down', () => {
    const pattern = fc.array(fc.constantFrom<Severity | null>('critical', 'warning', 'info', null), { maxLength: 60 })
    fc.assert(
      fc.property(pattern, (severities) => {
        const steady = new SteadyVerdict(3)
        const rank = { critical: 3, warning: 2, info: 1 }
        let falls = 0
        let before = 0
        for (const [slot, severity] of severities.entries()) {
          const now = steady.look(severity && verdict(severity), slot)
          const level = now === null ? 0 : rank[now.severity]
          if (severity !== null) expect(level).toBeGreaterThanOrEqual(rank[severity])
          if (level < before) falls++
          before = level
        }
        expect(falls).toBeLessThanOrEqual(severities.length / 3)
      }),
    )
  })
})
