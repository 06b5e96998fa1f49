import { expect, test } from 'vitest'
import { places } from '../../../electron/launch/open-browser.mjs'

const WHERE = { home: '/home/me', runtime: '/run/user/1000', temporary: '/tmp' }

test('the file lies where nobody else looks, and where the browser may', () => {
  expect(places({ ...WHERE, snaps: false })).toEqual(['/run/user/1000', '/tmp'])
  // Confined, it sees neither of those, and of the home what is not hidden.
  expect(places({ ...WHERE, snaps: true })).toEqual(['/home/me', '/run/user/1000', '/tmp'])
  expect(places({ ...WHERE, runtime: undefined, snaps: false })).toEqual(['/tmp'])
})
