import { expect, test } from 'vitest'
import { places } from '../../../electron/launch/open-browser.mjs'

const WHERE = { home: '/home/me', runtime: '/run/user/1000', temporary: '/tmp' }

test('the file is private, and in a place that the browser can read', () => {
  expect(places({ ...WHERE, snaps: false })).toEqual(['/run/user/1000', '/tmp'])
  // A snap sees neither of those, and only non-hidden files in the home.
  expect(places({ ...WHERE, snaps: true })).toEqual(['/home/me', '/run/user/1000', '/tmp'])
  expect(places({ ...WHERE, runtime: undefined, snaps: false })).toEqual(['/tmp'])
})
