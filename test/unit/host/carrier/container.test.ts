import { expect, test } from 'vitest'
import { containerCarrier, containerCommand, isHostName } from '../../../../electron/host/carrier/container.ts'
import { parseContainers } from '../../../../electron/host/hosts/containers.ts'

test.each([
  ['docker:web', 'docker exec -i web sh'],
  ['podman:web_1.2-x', 'podman exec -i web_1.2-x sh'],
  ['nerdctl:0af1', 'nerdctl exec -i 0af1 sh'],
  ['kubectl:web-0', 'kubectl exec -i web-0 -- sh'],
  ['kubectl:shop/web-0', 'kubectl exec -i -n shop web-0 -- sh'],
  ['kubectl:shop/web-0/app', 'kubectl exec -i -n shop web-0 -c app -- sh'],
])('%s is reached by `%s`', (name, command) => {
  expect(containerCommand(name)).toBe(command)
  expect(isHostName(name)).toBe(true)
})

test.each([
  'docker:',
  'docker:-it',
  'docker:--privileged',
  'podman:a b',
  'docker:web;id',
  'docker:$(id)',
  'docker:web\nid',
  'docker:web\n',
  'kubectl:-web',
  'kubectl:/web',
  'kubectl:a/b/c/d',
  'kubectl:shop/web/--',
  'kubectl:Web',
])('%j is neither a container nor given to ssh', (name) => {
  expect(containerCommand(name)).toBeNull()
  expect(isHostName(name)).toBe(false)
})

test.each(['web7', 'me@[::1]', 'fe80::1%eth0', 'dockerhost', 'docker'])('%s is a host of ssh', (name) => {
  expect(containerCommand(name)).toBeNull()
  expect(isHostName(name)).toBe(true)
})

test('what is listed has its image; names that no command could have are left out', () => {
  expect(parseContainers('docker', 'web\tnginx:1.27\n/evil; id\tx\none,two\t\n\n')).toEqual([
    expect.objectContaining({ name: 'docker:web', via: 'docker exec -i web sh', detail: 'nginx:1.27' }),
    expect.objectContaining({ name: 'docker:one', detail: null }),
  ])
})

const advice = (words: string) =>
  containerCarrier('docker:web', 'docker exec -i web sh').advice?.find(([says]) => says.test(words))?.[1]

test.each([
  ['Error response from daemon: No such container: web', /^Check the name/],
  ['Error: no container with name or ID "web" found: no such container', /^Check the name/],
  ['Error from server (NotFound): pods "web-0" not found', /^Check the name/],
  ['Error response from daemon: container 0af1 is not running', /^Start the container/],
  ['Error: can only create exec sessions on running containers: container state improper', /^Start the container/],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix',
    /^Your user may not use the daemon/,
  ],
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?', /^Start the/],
  ['OCI runtime exec failed: exec failed: exec: "sh": executable file not found in $PATH: unknown', /has no shell/],
  ['Error: crun: executable file `sh` not found in $PATH: No such file or directory', /has no shell/],
])('of what they say, "%s" has its advice', (words, expected) => expect(advice(words)).toMatch(expected))
