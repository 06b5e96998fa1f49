import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matcher, type Subject } from '../../../../electron/contract/filter/filter.ts'
import { KEYS } from '../../../../electron/contract/filter/keys.ts'
import { parseFilter, quoteValue, wordsOf } from '../../../../electron/contract/filter/parse.ts'
import { severityOf } from '../../../../electron/contract/trouble.ts'
import { aFinding } from '../../../doubles/findings.ts'
import { groupRow, withQueue } from '../../../doubles/group-rows.ts'

function subject(given: Parameters<typeof groupRow>[0] = {}, namespace = 'host'): Subject {
  const row = groupRow(given)
  return { row, namespace, trouble: severityOf(row), findings: [], takenAt: 0 }
}

function matches(text: string, one: Subject): boolean {
  return matcher(parseFilter(text).terms)(one)
}

const nginx = subject({ port: 443 })
const unbound = subject({
  protocol: 'udp',
  family: 'ipv6',
  address: 'fe80::1',
  port: 53,
  uid: 998,
  user: 'unbound',
  pids: [53],
  owners: [{ command: 'unbound', processes: 1, service: null }],
})

const given = {
  ...{ count: 100, sample: 100, perSecond: 12.5, acceptedPerSecond: 12, meanWaitMs: 1 },
  sampleSince: '2026-01-01T00:00:00.000Z',
}

describe('matching', () => {
  test.each([
    ['', nginx, true],
    ['nginx', nginx, true],
    ['NGINX', nginx, true],
    ['nginx unbound', nginx, false],
    ['0.0.0.0:443', nginx, true],
    ['[fe80::1]:53', unbound, true],
    ['fe80::1', unbound, true],
    ['port:443', nginx, true],
    ['port:443', unbound, false],
    ['port:400-500', nginx, true],
    ['port:>443', nginx, false],
    ['port:>=443', nginx, true],
    ['port:<=442', nginx, false],
    ['-port:443', nginx, false],
    ['-port:443', unbound, true],
    ['port:443 port:53', unbound, true],
    ['port:443 proto:udp', unbound, false],
    ['proto:udp', unbound, true],
    ['proto:udp4', unbound, false],
    ['PROTO:TCP', nginx, true],
    ['user:root', nginx, true],
    ['user:roo', nginx, false],
    ['user:ro*', nginx, true],
    ['uid:998', unbound, true],
    ['owner:ngin', nginx, true],
    ['owner:nginx.service', nginx, true],
    ['address:0.0.', nginx, true],
    ['address:fe80::1', unbound, true],
    ['sharing:reuseport', nginx, true],
    ['sharing:inherited', nginx, false],
    ['netns:HOST', nginx, true],
    ['netns:4026531840', nginx, true],
    ['members:>3', nginx, true],
    ['members:>4', nginx, false],
    ['is:trouble', nginx, false],
    ['unknown:owners', nginx, false],
    ['ngin*', nginx, true],
    ['*ginx', nginx, true],
    ['gin*', nginx, false],
    ['*:443', nginx, true],
    ['*:44', nginx, false],
    ['0.0.0.0:4*', nginx, true],
    ['unit:nginx', nginx, true],
    ['unit:ginx', nginx, false],
    ['unit:nginx', unbound, false],
    ['unit:*', unbound, false],
    ['pid:801', nginx, true],
    ['pid:801', unbound, false],
    ['pid:800-900', nginx, true],
    ['queue:0', nginx, true],
    ['queue:>0', nginx, false],
    ['queue:<50%', nginx, true],
    ['queue:>50%', nginx, false],
    ['drops:>0', nginx, false],
    ['rate:>10', nginx, false],
    ['rate:>10', subject({ given }), true],
    ['rate:10-12', subject({ given }), false],
    ['drops:<=0', nginx, true],
    ['imbalance:>1.5', nginx, false],
    ['imbalance:*', nginx, false],
    ['imbalance:>1.5', subject({ imbalance: { of: 'queues', ratio: 1.51, chance: null } }), true],
    ['imbalance:>1.5', subject({ imbalance: { of: 'given', ratio: 1.51, chance: 1.6 } }), false],
    ['imbalance:>1.5', subject({ imbalance: { of: 'given', ratio: 1.51, chance: 1.4 } }), true],
    ['drops:>0', subject({ dropsPerSecond: 0.1 }), true],
    ['queue:>99%', subject({ fullest: { cookie: '1', length: 511, limit: 511 } }), true],
    ['age:<1m', subject({ firstSeenAt: new Date(-59_000).toISOString() }), true],
    ['age:<1m', subject({ firstSeenAt: new Date(-61_000).toISOString() }), false],
    ['age:1m-2h', subject({ firstSeenAt: new Date(-61_000).toISOString() }), true],
    ['"nginx', nginx, true],
    ['-', nginx, true],
  ])('%s', (text, one, expected) => {
    expect(matches(text, one)).toBe(expected)
  })

  test('a namespace whose name has a space is quoted', () => {
    const inside = subject({}, 'my container')
    expect(matches('netns:"my container"', inside)).toBe(true)
    expect(matches('netns:"my container"', nginx)).toBe(false)
  })

  test('trouble is found by its state', () => {
    const row = withQueue(groupRow({ dropsPerSecond: 3 }), 0, 512)
    const full = { row, namespace: 'host', trouble: severityOf(row), findings: [], takenAt: 0 }
    for (const text of ['is:full', 'is:trouble', 'is:dropping']) expect(matches(text, full)).toBe(true)
  })

  test('an unknown uid matches no number and no *', () => {
    const several = subject({ uid: null, user: null })
    expect(matches('uid:0', several)).toBe(false)
    expect(matches('uid:*', several)).toBe(false)
    expect(matches('unknown:user', several)).toBe(true)
  })
})

describe('invalid terms report an error and restrict nothing', () => {
  test.each([
    ['port:https', /not a port/],
    ['port:70000', /from 0 to 65535/],
    ['port:500-400', /400-500/],
    ['uid:-1', /not a uid.*1000-1999/],
    ['members:x', /not a number.*2-16/],
    ['pid:abc', /not a pid/],
    ['queue:50%', /needs a comparison: >50%/],
    ['queue:>x%', /not a part of the limit/],
    ['imbalance:2', /needs a comparison: >1.5/],
    ['age:<1w', /not a time.*1m-2h/],
    ['proto:sctp', /tcp, udp/],
    ['sharing:all', /reuseport, reuseaddr/],
    ['is:toString', /not a state/],
    ['port:', /needs a value/],
    ['color:red', /Unknown key “color”.*port, proto/],
    ['user:"ro', /Unclosed quote/],
  ])('%s', (text, says) => {
    const [term] = parseFilter(text).terms
    expect(term?.error).toMatch(says)
    expect(term?.test).toBeNull()
    expect(matches(text, nginx)).toBe(true)
  })

  test('the examples of all keys are valid', () => {
    for (const { example } of KEYS) expect(parseFilter(example).terms[0]?.error).toBeNull()
  })
})

describe('for any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(fc.constantFrom('port:', '443', '-', '"', '\\', ' ', 'user:', '*', 'netns:', '::', ']', '>'), {
        maxLength: 20,
      })
      .map((parts) => parts.join('')),
  )

  test('nothing typed is lost, and matching never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { terms } = parseFilter(text)
        let at = 0
        for (const { raw, start, end } of terms) {
          expect(text.slice(at, start).trim()).toBe('')
          expect(text.slice(start, end)).toBe(raw)
          at = end
        }
        expect(text.slice(at).trim()).toBe('')
        matches(text, nginx)
      }),
    )
  })

  test('a term is either valid or has an error, unless it is empty', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const { test, error, value } of parseFilter(text).terms)
          expect(test !== null || error !== null || value === '').toBe(true)
      }),
    )
  })

  test('a negated term matches exactly the others', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [word] = wordsOf(text)
        if (!word || word.raw.startsWith('-')) return
        const [term] = parseFilter(word.raw).terms
        if (!term?.test) return
        for (const one of [nginx, unbound]) expect(matches(`-${word.raw}`, one)).toBe(!matches(word.raw, one))
      }),
    )
  })

  test('a quoted value is read back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        const [term, more] = parseFilter(`netns:${quoteValue(value)}`).terms
        expect(more).toBeUndefined()
        expect(term?.value).toBe(value)
      }),
    )
  })
})

describe('finding:', () => {
  const found = { ...subject(), findings: [aFinding(), aFinding({ code: 'group-shadowed', muted: true })] }
  test.each([
    ['finding:*', true],
    ['finding:port-hijackable', true],
    ['finding:port', true],
    ['finding:*hijack*', true],
    ['finding:queue-overflowing', false],
    ['finding:group-shadowed', false],
    ['-finding:*', false],
  ])('%s', (text, expected) => {
    expect(matches(text, found)).toBe(expected)
    expect(matches(text, subject())).toBe(text.startsWith('-'))
  })
})
