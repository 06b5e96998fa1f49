import { describe, expect, test } from 'vitest'
import {
  hasToken,
  isLoopbackAddress,
  isLoopbackHost,
  isOwnOrigin,
} from '../../../../electron/fronts/server/admission.ts'

describe('Host', () => {
  test.each(['127.0.0.1:8080', '127.0.0.1', '127.9.9.9:1', 'localhost:8080', 'LOCALHOST', '[::1]:8080', '[::1]'])(
    '%s is this machine',
    (host) => expect(isLoopbackHost(host)).toBe(true),
  )
  test.each([
    undefined,
    '',
    'evil.example',
    '127.0.0.1.evil.example:8080',
    'localhost.evil.example',
    'localhost.',
    '127.1',
    '0.0.0.0:80',
    '10.0.0.1:8080',
    '[::]:8080',
    '[::ffff:127.0.0.1]',
    'evil@127.0.0.1',
    '127.0.0.1:80:80',
    ' 127.0.0.1',
  ])('%s is refused', (host) => expect(isLoopbackHost(host)).toBe(false))
})

test('only loopback addresses are allowed', () => {
  expect(['127.0.0.1', '127.0.0.2', '::1', 'localhost'].every(isLoopbackAddress)).toBe(true)
  expect(['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.1', ''].some(isLoopbackAddress)).toBe(false)
})

test('a page is allowed when it came from the host that it connects to', () => {
  expect(isOwnOrigin('http://127.0.0.1:80', '127.0.0.1:80')).toBe(true)
  for (const origin of [undefined, 'null', 'http://localhost:80', 'https://127.0.0.1:80', 'http://127.0.0.1:81']) {
    expect(isOwnOrigin(origin, '127.0.0.1:80')).toBe(false)
  }
  expect(isOwnOrigin('http://undefined', undefined)).toBe(false)
})

test('the token must be complete, and offered with the subprotocol', () => {
  expect(hasToken('reuseport-inspector, token.secret', 'secret')).toBe(true)
  expect(hasToken('token.secret,reuseport-inspector', 'secret')).toBe(true)
  for (const offered of [
    undefined,
    '',
    'reuseport-inspector',
    'token.secret',
    'reuseport-inspector, token.',
    'reuseport-inspector, token.secre',
    'reuseport-inspector, token.secrets',
    'reuseport-inspector, token.wrong, token.secret',
  ]) {
    expect(hasToken(offered, 'secret')).toBe(false)
  }
})
