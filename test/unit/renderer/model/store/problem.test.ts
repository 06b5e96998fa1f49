import { expect, test } from 'vitest'
import { problemOf } from '../../../../../renderer/model/store/problem.ts'

test('a request that was open when the connection closed is reported as such, not with the error of a queue', () => {
  const ended = Object.assign(new Error('[AsyncIdQueue] Queue[9] was closed'), { name: 'AbortError' })
  expect(problemOf(ended, 'list the snapshots')).toEqual({
    operation: 'list the snapshots',
    cause: 'the connection was lost before the answer came',
    hint: 'Try again when the engine answers.',
  })
})

test('any other error keeps its message', () => {
  expect(problemOf(new Error('no room'), 'it')).toEqual({ operation: 'it', cause: 'no room', hint: null })
})
