import { expect, test } from 'vitest'
import type { PortHolder, PortUse } from '../../../../../electron/contract/analysis.ts'
import { portPage } from '../../../../../electron/fronts/cli/pages/port-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'

const namespaces = [
  { inode: 1, name: 'this namespace', self: true },
  { inode: 2, name: 'blue', self: false },
]

function page(...inodes: number[]): string {
  const holders = inodes.map(
    (netns): PortHolder => ({
      netns,
      protocol: 'tcp',
      family: 'ipv4',
      state: 'listening',
      address: '127.0.0.1',
      remote: null,
      cookie: '1',
      user: 'root',
      holders: null,
      group: null,
    }),
  )
  const binds = inodes.map((netns) => ({
    netns,
    protocol: 'tcp' as const,
    option: 'none' as const,
    succeeds: false,
    error: null,
    unknownBecause: null,
  }))
  const use: PortUse = { port: 80, holders, omitted: 0, binds, summary: 'It is in use.', limitations: [] }
  return portPage(use, namespaces, 120).map(plainText).join('\n')
}

test('another namespace is shown by its name, in the table and in the sentences', () => {
  expect(page(1)).not.toMatch(/NETNS|tcp in/)
  for (const text of [page(2), page(1, 2)]) {
    expect(text).toMatch(/listening .* blue/)
    expect(text).toContain('tcp in blue: ')
  }
  expect(page(3)).toContain('tcp in 3: ')
})
