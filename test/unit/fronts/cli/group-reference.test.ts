import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../../../electron/fronts/cli/failure.ts'
import { parseGroupReference, refersTo, shortIds } from '../../../../electron/fronts/cli/group-reference.ts'
import { aGroup } from '../../../doubles/snapshots.ts'

const wide = aGroup({ id: 'aaaa000000000001', address: '0.0.0.0', port: 443 })
const narrow = aGroup({ id: 'aaab000000000002', address: '10.0.0.9', port: 443, interface: 'eth0' })
const six = aGroup({ id: 'bbbb000000000003', family: 'ipv6', address: '::', port: 443 })
const mapped = aGroup({ id: 'cccc000000000004', family: 'ipv6', address: '::ffff:10.0.0.1', port: 53, protocol: 'udp' })
const all = [wide, narrow, six, mapped]
const named = (text: string) => all.filter((group) => refersTo(parseGroupReference(text), group))

test.each([
  ['aaaa', [wide]],
  ['AAAA0000', [wide]],
  ['bbbb000000000003', [six]],
  [':443', [wide, narrow, six]],
  ['*:443', [wide, narrow, six]],
  ['tcp:443', [wide, narrow, six]],
  ['tcp6:443', [six]],
  ['udp:443', []],
  ['443/tcp', [wide, narrow, six]],
  ['443/TCP6', [six]],
  [':53/udp', [mapped]],
  ['10.0.0.9%eth0:443/tcp', [narrow]],
  ['[::ffff:10.0.0.1]:53/udp6', [mapped]],
  ['0.0.0.0:443', [wide]],
  ['[::]:443', [six]],
  ['[0:0::0]:443', [six]],
  ['TCP:[::]:443', [six]],
  ['10.0.0.9%eth0:443', [narrow]],
  ['10.0.0.9%eth1:443', []],
  ['[::FFFF:a00:1]:53', [mapped]],
  ['udp:[::ffff:10.0.0.1]:53', [mapped]],
])('%s', (text, groups) => {
  expect(named(text)).toEqual(groups)
})

describe('anything else is refused, with the valid forms', () => {
  test.each([
    '',
    '443x',
    'abc',
    'nginx',
    ':0',
    ':65536',
    'tcp:',
    '0.0.0.0',
    '300.0.0.1:443',
    '::1:80',
    'sctp:80',
    '80/sctp',
    'tcp:80/tcp',
    '/etc:80/tcp',
    '\x1b[2J',
  ])('%j', (text) => {
    expect(() => parseGroupReference(text)).toThrow(Failure)
    expect(() => parseGroupReference(text)).toThrow(/is not a group/)
  })

  test('nothing else is thrown, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-f0-9:.%[\]*tcpud]{0,24}$/)),
        (text) => {
          try {
            const reference = parseGroupReference(text)
            if (reference.kind === 'endpoint') {
              expect(reference.port).toBeGreaterThan(0)
              expect(reference.port).toBeLessThan(65536)
            }
          } catch (error) {
            expect(error).toBeInstanceOf(Failure)
          }
        },
      ),
    )
  })
})

test('short ids are unique prefixes', () => {
  const id = fc.stringMatching(/^[0-3]{16}$/)
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 40 }), (ids) => {
      const short = shortIds(ids)
      for (const one of ids) {
        const begin = short.get(one) ?? ''
        expect(begin.length).toBeGreaterThanOrEqual(4)
        expect(ids.filter((other) => other.startsWith(begin))).toEqual([one])
      }
    }),
  )
})
