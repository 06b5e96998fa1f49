/** Redacted names are removed everywhere, and redacted snapshots still compare. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Redaction, Snapshot } from '../../../../electron/contract/model.ts'
import { nameOf, onlyFor, text, toSentences } from '../../../../electron/engine/common/prose.ts'
import { compare } from '../../../../electron/engine/snapshots/compare.ts'
import { collectParts, partsOf } from '../../../../electron/engine/snapshots/parts.ts'
import { redacted } from '../../../../electron/engine/snapshots/redact.ts'
import { arbitrarySnapshot } from '../../../doubles/arbitrary-snapshot.ts'
import { aGroup, aMember, aSnapshot, hostNamespace } from '../../../doubles/snapshots.ts'

const everything: Redaction[] = ['hosts', 'addresses', 'users', 'commands']
const key = Buffer.alloc(32, 7)
const redact = (snapshot: Snapshot, what = everything, by: Uint8Array = key) =>
  collectParts(redacted(partsOf(snapshot), what, by))

const holders = [{ pid: 812, fds: [6], command: 'secretd', startedAt: null }]
const command = nameOf({ kind: 'command', command: 'secretd' })
const endpoint = nameOf({
  kind: 'endpoint',
  protocol: 'tcp',
  address: '10.77.3.9',
  port: 443,
  interface: 'wg-customer',
})
const secret = aSnapshot({
  host: { hostname: 'bank-db-01', kernelRelease: '6.18', bootId: 'b-o-o-t', uid: 4711, capabilities: [] },
  namespaces: [{ ...hostNamespace, name: 'customer-x' }],
  groups: [
    aGroup({
      address: '10.77.3.9',
      interface: 'wg-customer',
      uid: 4711,
      user: 'alice',
      members: [aMember({ uid: 4711, user: 'alice', holders })],
      recentFlows: {
        since: '2026-11-30T14:40:02.000Z',
        given: 1,
        sampled: 1,
        flows: [
          { at: '2026-11-30T14:40:03.000Z', address: '198.51.100.23', port: 40_123, cookie: '4097', sampled: 1 },
          { at: '2026-11-30T14:40:02.000Z', address: '127.0.0.1', port: 40_124, cookie: '4097', sampled: 1 },
        ],
      },
    }),
  ],
  findings: [
    {
      code: 'queue-full',
      severity: 'critical',
      group: '3fa9c1d200000001',
      members: [],
      evidence: [],
      ...toSentences({
        summary: text`${command} of ${nameOf({ kind: 'user', uid: 4711, user: 'alice' })} is full at ${endpoint}.`,
        explanation: text`${command}, not secretdaemon.`,
        advice: text`Look at it.${onlyFor('secretd', ' Its option --secret helps.')}`,
      }),
    },
  ],
})

test('nothing of it is left anywhere', async () => {
  const text = JSON.stringify(await redact(secret))
  for (const name of [
    /secretd(?!aemon)/,
    /alice/,
    /4711/,
    /10\.77\.3\.9/,
    /198\.51\.100\.23/,
    /wg-customer/,
    /bank-db/,
    /customer-x/,
    /b-o-o-t/,
    /--secret/,
  ]) {
    expect(text).not.toMatch(name)
  }
  expect(text).not.toContain('3fa9c1d200000001')
  Snapshot.parse(JSON.parse(text))
})

test('literal words stay, even where a program has that name', async () => {
  const finding = (await redact(secret)).findings[0]
  expect(finding?.explanation).toMatch(/^command-[0-9a-f]{8}, not secretdaemon\.$/)
  expect(finding?.advice).toBe('Look at it.')
})

test('a text whose mentions do not match it is left out', async () => {
  const [finding] = secret.findings
  if (finding === undefined) throw new Error('there is one')
  for (const summary of [`x${finding.summary}`, finding.summary.slice(0, -20), '']) {
    const { findings } = await redact({ ...secret, findings: [{ ...finding, summary }] })
    expect(findings[0]).toMatchObject({ summary: '', advice: 'Look at it.' })
  }
})

test('the redaction is stated, and the key is not', async () => {
  const { redacted: stated, redactionKeyId: redactionKey } = await redact(secret, ['users'])
  expect(stated).toEqual(['users'])
  expect(redactionKey).toMatch(/^[0-9a-f]{8}$/)
  expect(key.toString('hex')).not.toContain(redactionKey)
})

test.each<[Redaction, RegExp]>([
  ['hosts', /alice.*secretd|secretd.*alice/s],
  ['addresses', /bank-db-01.*alice/s],
  ['users', /10\.77\.3\.9.*198\.51\.100\.23/s],
  ['commands', /bank-db-01.*alice/s],
])('%s alone leaves the rest', async (what, left) => {
  expect(JSON.stringify(await redact(secret, [what]))).toMatch(left)
})

test('addresses that every machine has, root, and lo stay', async () => {
  const group = aGroup({ address: '::', family: 'ipv6', interface: 'lo' })
  const { groups } = await redact(aSnapshot({ groups: [group] }))
  expect(groups[0]).toMatchObject({ address: '::', interface: 'lo', user: 'root', uid: 0 })
  const [{ recentFlows } = aGroup()] = (await redact(secret)).groups
  expect(recentFlows?.flows).toMatchObject([
    { address: expect.stringMatching(/^ipv4-[0-9a-f]{8}$/), port: 40_123 },
    { address: '127.0.0.1', port: 40_124 },
  ])
})

describe('pseudonyms', () => {
  test('are the same under one key, and others under another', async () => {
    expect(await redact(secret)).toEqual(await redact(secret))
    const other = await redact(secret, everything, Buffer.alloc(32, 8))
    expect(other.host.hostname).not.toBe((await redact(secret)).host.hostname)
  })

  test('compare like the names', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySnapshot, arbitrarySnapshot, async (before, other) => {
        const after = { ...other, host: before.host }
        const plain = compare(before, after)
        const hidden = compare(await redact(before), await redact(after))
        expect(hidden.unchanged).toBe(plain.unchanged)
        expect(hidden.matchedBy).toBe(plain.matchedBy)
        expect(hidden.groups.map(({ change }) => change).sort()).toEqual(
          plain.groups.map(({ change }) => change).sort(),
        )
      }),
      { numRuns: 40 },
    )
  })

  test('are never taken for names: a snapshot and itself, redacted in another way, show no difference', async () => {
    const some = fc.subarray(everything, { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(arbitrarySnapshot, some, some, fc.boolean(), async (snapshot, what, other, plain) => {
        const one = await redact(snapshot, what)
        const two = plain ? snapshot : await redact(snapshot, other, Buffer.alloc(32, 8))
        for (const { groups, raised, cleared } of [compare(one, two), compare(two, one)]) {
          expect({ groups, raised, cleared }).toEqual({ groups: [], raised: [], cleared: [] })
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of commands alone keep the boot comparable: only the owners are not compared', async () => {
    const [then] = secret.groups
    const filled = {
      ...secret,
      groups: then === undefined ? [] : [{ ...then, members: [...then.members, aMember({ cookie: '9' })] }],
    }
    const comparison = compare(await redact(secret, ['commands']), filled)
    expect(comparison).toMatchObject({
      matchedBy: 'identity',
      groups: [{ change: 'changed', added: [{ cookie: '9' }] }],
    })
    expect(comparison.summary).toContain(
      'Not compared: commands. They are pseudonyms, and the snapshots were redacted in different ways or with different keys.',
    )
  })

  test('with a possibly equal endpoint are neither added nor removed', async () => {
    const { groups, summary: words } = compare(await redact(secret, ['addresses']), secret)
    expect(groups).toEqual([])
    expect(words[0]).toBe('2 groups could not be matched with the other snapshot.')
  })

  test('under two keys are not taken for the same machine, and the reason is given', async () => {
    const comparison = compare(await redact(secret), await redact(secret, everything, Buffer.alloc(32, 8)))
    expect(comparison.matchedBy).toBe('endpoint')
    expect(comparison.summary.join(' ')).toMatch(/redacted in different ways or with different keys/)
  })
})
