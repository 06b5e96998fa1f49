import { expect, test } from 'vitest'
import { problemOf } from '../../../../renderer/store/problem.ts'

test('a question that was open when the connection ended is told as that, not in the words of a queue', () => {
  const ended = Object.assign(new Error('[AsyncIdQueue] Queue[9] was closed'), { name: 'AbortError' })
  expect(problemOf(ended, 'the kept snapshots')).toEqual({
    asked: 'the kept snapshots',
    happened: 'the connection was lost before the answer came',
    remedy: 'Try again when the engine answers.',
  })
})

test('of anything else its own words stand', () => {
  expect(problemOf(new Error('no room'), 'it')).toEqual({ asked: 'it', happened: 'no room', remedy: null })
})
