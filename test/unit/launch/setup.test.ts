import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundles, root } from '../../../electron/launch/setup.mjs'

test.each(Object.entries(bundles))(
  'the bundle %s is made anew when a part of its configuration changes',
  (_, bundle) => {
    const { config, sources } = bundle as { config: string; sources: string[] }
    const parts = [...readFileSync(join(root, config), 'utf8').matchAll(/from '\.\/([^']+)'/g)].map((part) => part[1])
    expect(sources).toEqual(expect.arrayContaining([config, ...parts]))
  },
)
