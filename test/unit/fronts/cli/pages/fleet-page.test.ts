import { expect, test } from 'vitest'
import { fleetPage } from '../../../../../electron/fronts/cli/pages/fleet-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aGroup, aMember, aSnapshot } from '../../../../doubles/snapshots.ts'

const queue = (length: number) => ({ length, limit: 511, unit: 'connections' }) as const
const group = (port: number, length: number, id: string) =>
  aGroup({ id, port, members: [aMember({ queue: queue(length) })], queue: queue(length) })

const found = [
  {
    host: 'web-11',
    snapshot: aSnapshot({ groups: [group(443, 2, '0000000000000001'), group(80, 0, '0000000000000002')] }),
  },
  { host: 'web-12', snapshot: aSnapshot({ groups: [group(443, 500, '0000000000000001')] }) },
]

const page = (width: number) =>
  fleetPage(found, ['web-11', 'web-12', 'lb-3'], { owners: true }, { width, interactive: true }).map(plainText)

test('the groups of all hosts, the fullest first, and how many hosts answered', () => {
  expect(page(200)).toEqual([
    expect.stringMatching(/^HOST {4}PROTO {2}ENDPOINT {5}MEMBERS {2}OWNERS .* FULLEST .* ID$/),
    expect.stringMatching(/^web-12 {2}tcp4 {3}0\.0\.0\.0:443 .* 500 {4}511 .* {2}0000000000000001$/),
    expect.stringMatching(/^web-11 {2}tcp4 {3}0\.0\.0\.0:443 .* 2 {4}511 /),
    expect.stringMatching(/^web-11 {2}tcp4 {3}0\.0\.0\.0:80 .* 0 {4}511 /),
    '',
    '3 groups on 2 of 3 hosts.',
  ])
})

test('it fits 80 columns, with the hosts', () => {
  for (const text of page(80)) expect(text.length).toBeLessThanOrEqual(80)
  expect(page(80)[1]).toMatch(/^web-12/)
})
