import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../../../../electron/contract/model.ts'
import type { Verdict } from '../../../../../electron/engine/analyze/findings/rule.ts'
import { SeverityDebounce } from '../../../../../electron/engine/analyze/findings/severity-debounce.ts'
import { NOTHING } from '../../../../../electron/engine/common/prose.ts'

const SEVERITIES: Record<string, Severity | null> = { c: 'critical', w: 'warning', i: 'info', '.': null }

function verdict(severity: Severity, summary: string = severity): Verdict {
  return { severity, members: [], summary: [summary], evidence: [], explanation: NOTHING, advice: NOTHING }
}

/** The severity that stands after each examination, one per slot; `-` for none. */
function looks(pattern: string, calm = 3): string {
  const steady = new SeverityDebounce(calm)
  const after = [...pattern].map((sign, slot) => {
    const severity = SEVERITIES[sign] ?? null
    return (steady.update(severity && verdict(severity), slot)?.severity ?? '-')[0]
  })
  return after.join('')
}

describe('a debounced severity', () => {
  it.each([
    ['rises at once', 'wc', 'wc'],
    ['drops only after three examinations in a row', 'c.ww', 'cccw'],
    ['stays while it alternates', 'cwcwcwcw', 'cccccccc'],
    ['counts examinations without a verdict as milder', 'c.ww', 'cccw'],
    ['stays without a verdict', 'w...', 'wwww'],
    ['drops to the current severity, not to the lowest', 'cwiww', 'cccww'],
    ['is empty before the first verdict', '..i', '--i'],
  ])('%s: %s gives %s', (_, pattern, standing) => {
    expect(looks(pattern)).toBe(standing)
  })

  it('keeps the newest verdict of equal severity', () => {
    const steady = new SeverityDebounce(3)
    steady.update(verdict('critical', '3 lost'), 1)
    expect(steady.update(verdict('critical', '5 lost'), 2)?.summary).toEqual(['5 lost'])
    expect(steady.update(verdict('warning', 'full'), 3)?.summary).toEqual(['5 lost'])
  })

  it('counts examinations within one slot once', () => {
    const steady = new SeverityDebounce(2)
    steady.update(verdict('critical'), 1)
    for (let look = 0; look < 10; look++) steady.update(verdict('warning'), 2)
    expect(steady.current?.severity).toBe('critical')
    expect(steady.pending).toBe(true)
    expect(steady.update(verdict('warning'), 3)?.severity).toBe('warning')
    expect(steady.pending).toBe(false)
  })

  it('never drops more often than the debounce allows', () => {
    const pattern = fc.array(fc.constantFrom<Severity | null>('critical', 'warning', 'info', null), { maxLength: 60 })
    fc.assert(
      fc.property(pattern, (severities) => {
        const steady = new SeverityDebounce(3)
        const rank = { critical: 3, warning: 2, info: 1 }
        let falls = 0
        let before = 0
        for (const [slot, severity] of severities.entries()) {
          const now = steady.update(severity && verdict(severity), slot)
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
