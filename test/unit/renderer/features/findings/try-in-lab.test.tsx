import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { TryInLab } from '../../../../../renderer/features/findings/try-in-lab.tsx'

test('a finding leads to the recipe that makes it happen; one without a recipe, or of another version, to none', () => {
  const link = (code: string) => /href="([^"]*)"/.exec(renderToStaticMarkup(<TryInLab code={code} />))?.[1]
  expect(link('member-stalled')).toBe('#/lab/slow-worker')
  expect(link('reload-lost-connections')).toBe('#/lab/listeners-change')
  expect(link('large-ipv6-group')).toBeUndefined()
  expect(link('of-another-version')).toBeUndefined()
})
