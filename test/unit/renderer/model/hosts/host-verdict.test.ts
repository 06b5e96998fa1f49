import { expect, test } from 'vitest'
import {
  bySeverity,
  describeState,
  fleetSentence,
  formatDelay,
  type HostSeverity,
} from '../../../../../renderer/model/hosts/host-verdict.ts'
import { aConnection, CONNECTED, LOST, REFUSED } from '../../../../doubles/hosts.ts'

test('trouble comes first, then what cannot be seen, then warnings', () => {
  const all: HostSeverity[] = ['none', 'warning', 'unknown', 'critical']
  expect(all.sort(bySeverity)).toEqual(['critical', 'unknown', 'warning', 'none'])
})

test.each<[HostSeverity[], string]>([
  [['none'], 'No host is in trouble.'],
  [['critical'], '1 of 1 host is in trouble.'],
  [['critical', 'critical', 'none'], '2 of 3 hosts are in trouble.'],
  [['unknown', 'none'], 'No host is in trouble, and 1 cannot be seen.'],
  [['critical', 'unknown', 'unknown', 'warning'], '1 of 4 hosts is in trouble, and 2 cannot be seen.'],
])('%j: %s', (severities, sentence) => expect(fleetSentence(severities)).toBe(sentence))

test('what the connection has to say', () => {
  const said = [CONNECTED, LOST, REFUSED].map((state) => describeState(aConnection('web7', state), () => '14:47:31'))
  expect(said).toEqual([null, 'Lost at 14:47:31', 'Not connected'])
})

test('delays', () =>
  expect([0.44, 9.96, 12.4, 999, 1500].map(formatDelay)).toEqual(['0.4 ms', '10.0 ms', '12 ms', '999 ms', '1.5 s']))
