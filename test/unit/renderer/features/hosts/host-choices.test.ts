import { expect, test } from 'vitest'
import type { KnownHost } from '../../../../../electron/contract/hosts.ts'
import { hostChoices } from '../../../../../renderer/features/hosts/host-choices.ts'

const known = (name: string, origin: KnownHost['origin'], given: Partial<KnownHost> = {}): KnownHost => ({
  name,
  via: null,
  origin,
  detail: null,
  lastConnectedAt: null,
  ...given,
})
const HOSTS = [
  known('web-11', 'ssh-config', { detail: '10.20.1.11, deploy' }),
  known('canary', 'added', { via: 'docker exec -i WEB sh' }),
  known('db', 'recent'),
]

test('added hosts first, then those connected before, then the configuration', () => {
  expect(hostChoices(HOSTS, '').map(({ title, hosts }) => [title, ...hosts.map(({ id }) => id)])).toEqual([
    ['Added', 'canary'],
    ['Connected before', 'db'],
    ['From your ssh configuration', 'web-11'],
  ])
})

test('what was typed may be in the name, the details or the command; empty sections are left out', () => {
  const found = (typed: string) => hostChoices(HOSTS, typed).flatMap(({ hosts }) => hosts.map(({ id }) => id))
  expect([found('web'), found(' DEPLOY '), found('nothing')]).toEqual([['canary', 'web-11'], ['web-11'], []])
})
