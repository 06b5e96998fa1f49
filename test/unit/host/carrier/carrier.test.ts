import { expect, test } from 'vitest'
import { commandCarrier, isSshHost, sshCarrier } from '../../../../electron/host/carrier/carrier.ts'

test.each([
  'web7',
  'root@web7',
  'ssh://me@web7.example.org:2222',
  '10.0.0.1',
  'fe80::1%eth0',
  'me@[::1]',
  'büro',
  'a_b',
])('ssh may be given %s', (host) => expect(isSshHost(host)).toBe(true))

test.each([
  '',
  '-oProxyCommand=id',
  'me@-oProxyCommand=id',
  'a b',
  'a\nb',
  'a\u0000b',
  'a\u009bb',
  ...[...`'"\`$\\;&<>|(){}`].map((character) => `web${character}7`),
])('ssh must not be given %j', (host) => expect(isSshHost(host)).toBe(false))

test('the host is an argument of its own behind the end of the options, and the remote command is only sh', () => {
  const { shellArguments } = sshCarrier('web7')
  expect(shellArguments.slice(-3)).toEqual(['--', 'web7', 'sh'])
  expect(shellArguments.slice(0, 2)).toEqual(['-c', 'trap "" INT; exec "$@"'])
})

test('a command is a line for the shell', () => {
  expect(commandCarrier('docker exec -i web sh').shellArguments).toEqual(['-c', 'trap "" INT; docker exec -i web sh'])
})

test.each([
  ['first', 15],
  ['unattended', 15],
  [{ tookMs: 300 }, 4],
  [{ tookMs: 4200 }, 9],
  [{ tookMs: 60_000 }, 15],
] as const)('%j: ssh gives up connecting after %i s', (attempt, seconds) => {
  const timeouts = sshCarrier('web7', attempt).shellArguments.filter((text) => text.startsWith('ConnectTimeout='))
  expect(timeouts).toEqual([`ConnectTimeout=${seconds}`])
})
