import { expect, test } from 'vitest'
import { shortSummary } from '../../../../../renderer/model/findings/short-summary.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const { key } = aFinding({}, groupRow({ port: 443 }))
const { key: key6 } = aFinding(
  {},
  groupRow({ port: 53, protocol: 'udp', family: 'ipv6', address: '::', interface: 'eth0' }),
)

test.each([
  ['tcp 0.0.0.0:443 loses connections: 1 of 8.', key, 'It loses connections: 1 of 8'],
  ['1 member of 8 of tcp 0.0.0.0:443 is stuck.', key, '1 member of 8 is stuck'],
  ['Only the newer of 2 sockets at udp [::]:53 on eth0 receives.', key6, 'Only the newer of 2 sockets receives'],
  ['Any user can bind beside tcp 0.0.0.0:443 and take it.', key, 'Any user can bind beside it and take it'],
  ['Something about another group.', key, 'Something about another group'],
])('%s', (summary, key, short) => {
  expect(shortSummary({ summary, key })).toBe(short)
})
