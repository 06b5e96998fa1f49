import { expect, test } from 'vitest'
import { problemOf } from '../../../../renderer/store/problem.ts'

test('a request that was open when the connection closed is reported as such, not with the error of a queue', () => {
  const ended = Object.assign(new Error('[AsyncIdQueue] Queue[9] was closed'), { name: 'AbortError' })
  expect(problemOf(ended, 'list the snapshots')).toEqual({
    asked: 'list the snapshots',
    happened: 'the connection was lost before the answer came',
    remedy: 'Try again when the engine answers.',
  })
})

test('any other error keeps its message', () => {
  expect(problemOf(new Error('no room'), 'it')).toEqual({ asked: 'it', happened: 'no room', remedy: null })
})
