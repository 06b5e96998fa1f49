import { expect, test } from 'vitest'
import { parseCheckFile } from '../../../../../electron/fronts/cli/check/check-file.ts'

test('a file of checks', () => {
  const text = `
checks:
  - name: web
    target: tcp:0.0.0.0:443
    members: 8
    sharing: reuseport
    oneGroup: true
    maxImbalance: 1.5
    maxQueue: 50%
    noDrops: true
    for: 10s
    wait: 30
  - target: ":53"
    members: 4..
`
  expect(parseCheckFile('checks.yaml', text)).toMatchObject([
    {
      name: 'web',
      reference: { kind: 'endpoint', protocol: 'tcp', address: '0.0.0.0', port: 443 },
      expectation: {
        members: { min: 8, max: 8 },
        sharing: 'reuseport',
        oneGroup: true,
        maxImbalance: 1.5,
        maxQueue: 0.5,
        noDrops: true,
      },
      holdMs: 10_000,
      waitMs: 30_000,
    },
    { name: ':53', expectation: { members: { min: 4, max: null } }, holdMs: 0, waitMs: 0 },
  ])
})

test.each([
  ['checks: [', /^checks\.yaml:1 is not YAML: /],
  ['checks: []\n', /^checks\.yaml:1: checks: a file needs at least one check\.$/],
  ['checks:\n  - target: ":443"\n    member: 8\n', /^checks\.yaml:2: checks\[0\]: Unrecognized key: "member"/],
  ['checks:\n  - target: ":443"\n    members: many\n', /^checks\.yaml:3: members: 'many' is not a number of members/],
  ['checks:\n  - target: nginx\n', /^checks\.yaml:2: target: 'nginx' is not a group/],
  ['checks:\n  - target: ":443"\n    for: 2h\n', /^checks\.yaml:3: for: '2h' is not allowed/],
])('%j names the line of what is wrong', (text, message) => {
  expect(() => parseCheckFile('checks.yaml', text)).toThrow(message)
})
