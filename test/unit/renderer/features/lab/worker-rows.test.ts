/** Workers with the members that they accept from. */
import { expect, test } from 'vitest'
import { receivedByAll, workerRows } from '../../../../../renderer/features/lab/worker-rows.ts'
import { aLab, aMember, aWorker } from '../../../../doubles/lab.ts'

test('one member each: its own, and its share of the total', () => {
  const workers = [aWorker(0, { received: 30 }), aWorker(1, { received: 10 })]
  const members = [aMember(1), aMember(0, { state: 'stalled' })]
  const rows = workerRows({ workers, members })
  expect(rows.map(({ member, share }) => [member?.index, member?.state, share])).toEqual([
    [0, 'stalled', 0.75],
    [1, 'normal', 0.25],
  ])
  expect(receivedByAll({ workers })).toBe(40)
})

test('one shared socket, with nothing received yet', () => {
  const { request } = aLab()
  const lab = aLab({ request: { ...request, acceptModel: 'shared', listeners: 3 } })
  expect(workerRows(lab).map(({ member, share }) => [member?.cookie, share])).toEqual(Array(3).fill(['8000', null]))
})
