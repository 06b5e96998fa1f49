import { expect, test } from 'vitest'
import { complete } from '../../../../electron/contract/filter/complete.ts'
import { NO_TROUBLE } from '../../../../electron/contract/trouble.ts'
import { aFinding } from '../../../doubles/findings.ts'
import { groupRow } from '../../../doubles/group-rows.ts'

const subjects = [
  groupRow({ port: 53, protocol: 'udp', user: 'unbound', uid: 998 }),
  groupRow({ port: 53 }),
  groupRow({ port: 443 }),
].map((row) => ({ row, namespace: 'host', trouble: NO_TROUBLE, findings: [], takenAt: 0 }))

test('a key is offered with its most frequent value and the resulting count', () => {
  expect(complete('', 'us', subjects)).toMatchObject([
    { text: 'user:root', count: 2 },
    { text: 'user:unbound', count: 1 },
  ])
  expect(complete('', 'p', subjects)).toMatchObject([
    { text: 'port:53', count: 2 },
    { text: 'proto:tcp', count: 2 },
    { text: 'pid:', count: null },
  ])
})

test('values come from the groups that match the finished words', () => {
  expect(complete('proto:udp', 'port:', subjects)).toMatchObject([{ text: 'port:53', count: 1 }])
})

test('a negated key counts the remaining groups', () => {
  expect(complete('', '-port:4', subjects)).toMatchObject([{ text: '-port:443', count: 2 }])
})

test('a key without values is offered for input', () => {
  expect(complete('', 'mem', subjects)).toMatchObject([{ text: 'members:', count: null }])
})

test('text that is not a key has no completions', () => {
  expect(complete('', '0.0', subjects)).toEqual([])
  expect(complete('', 'nosuch:', subjects)).toEqual([])
})

test('a value with a space is offered quoted', () => {
  const inside = subjects.slice(0, 1).map((one) => ({ ...one, namespace: 'my container' }))
  expect(complete('', 'netns:my', inside)).toMatchObject([{ text: 'netns:"my container"' }])
})

test('finding codes are offered, and * for any', () => {
  const found = subjects.map((one, i) => ({ ...one, findings: i < 2 ? [aFinding()] : [] }))
  expect(complete('', 'fin', found)).toMatchObject([
    { text: 'finding:*', count: 2 },
    { text: 'finding:port-hijackable', count: 2 },
  ])
})
