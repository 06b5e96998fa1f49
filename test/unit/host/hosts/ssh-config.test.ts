import { expect, test } from 'vitest'
import { type ConfigFiles, configuredHosts } from '../../../../electron/host/hosts/ssh-config.ts'

/** Files by their path. */
function filesOf(texts: Record<string, string>): ConfigFiles {
  return {
    read: (path) => texts[path] ?? null,
    match: (pattern) =>
      Object.keys(texts).filter((path) => path === pattern || path.startsWith(pattern.replace('*', ''))),
  }
}

const hosts = (config: string, others: Record<string, string> = {}) =>
  configuredHosts('/home/me', filesOf({ '/home/me/.ssh/config': config, ...others }))

test('names of the ssh configuration, each with what its block says of it', () => {
  const config = `
# my hosts
Host web-11 web-12
  HostName 10.20.1.11
  User "deploy"
Host=jump
Host *
  User nobody
Host web-11
  ProxyJump jump
`
  expect(hosts(config)).toEqual([
    { name: 'web-11', detail: '10.20.1.11, deploy, through jump' },
    { name: 'web-12', detail: '10.20.1.11, deploy' },
    { name: 'jump', detail: null },
  ])
})

test('patterns, negations and what ssh must not be given are left out', () => {
  expect(hosts('Host * web-? !db -oProxyCommand=id "a b" ok\n')).toEqual([{ name: 'ok', detail: null }])
})

test('a Match block belongs to no host, and nothing of it is run', () => {
  expect(hosts('Host a\nMatch exec "touch /tmp/x"\n  User root\n')).toEqual([{ name: 'a', detail: null }])
})

test('included files are read: relative ones are below ~/.ssh, and a file that includes itself ends', () => {
  const found = hosts('Include config.d/*\nHost last\n', {
    '/home/me/.ssh/config.d/a': 'Host first\nInclude ~/.ssh/config\n',
  })
  expect(found.map(({ name }) => name)).toEqual(['first', 'last'])
})

test('without a configuration there are none', () => {
  expect(configuredHosts('/home/me', filesOf({}))).toEqual([])
})
