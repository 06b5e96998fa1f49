import { expect, test } from 'vitest'
import { generationsOf } from '../../../../../renderer/features/group/generations.ts'
import { ownerOf } from '../../../../../renderer/features/group/member-owner.ts'
import { holder } from '../../../../doubles/group-engine.ts'

test('pollers take precedence over holders', () => {
  const holders = [holder(1, 'nginx'), holder(2, 'nginx'), holder(3, 'nginx')]
  expect(ownerOf({ holders, pollers: [3] })).toMatchObject({ how: 'polls', pid: 3, others: 0 })
  expect(ownerOf({ holders, pollers: [2, 3] })).toMatchObject({ how: 'polls', pid: 2, others: 1 })
})
test('without pollers the newest holder is named, and none if none is visible', () => {
  const holders = [holder(1, 'master', '2026-01-01T00:00:00.000Z'), holder(2, 'worker', '2026-01-01T00:00:09.000Z')]
  expect(ownerOf({ holders, pollers: null })).toMatchObject({ how: 'holds', pid: 2, others: 1 })
  expect(ownerOf({ holders: null, pollers: null })).toBeNull()
})
test('processes that started together are one generation', () => {
  const member = (pid: number, second: number) => ({
    presence: 'here' as const,
    owner: ownerOf({
      holders: [holder(pid, 'w', `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`)],
      pollers: null,
    }),
  })
  const generations = generationsOf([member(1, 0), member(1, 0), member(2, 3), member(3, 7), member(4, 40)])
  expect(generations.map(({ processes, members }) => [processes, members])).toEqual([
    [3, 4],
    [1, 1],
  ])
  expect(
    generationsOf([
      { presence: 'here', owner: null },
      { ...member(1, 0), presence: 'gone' },
    ]),
  ).toEqual([])
})
