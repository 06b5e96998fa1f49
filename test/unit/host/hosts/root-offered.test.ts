/** Where this program is root already, there is nothing more to show. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { expect, test } from 'vitest'
import { ROOT_HERE } from '../../../../electron/contract/constants.ts'
import { Hosts } from '../../../../electron/host/hosts/hosts.ts'
import { HostsFile } from '../../../../electron/host/hosts/hosts-file.ts'

function client(isRoot: boolean) {
  const hosts = new Hosts({
    near: { showing: () => Promise.reject(new Error('nothing is connected')) },
    file: new HostsFile(join(tmpdir(), 'rpi-test-no-such-folder', 'hosts.json')),
    configured: () => [{ name: 'web7', detail: null }],
    isRoot,
  })
  return createRouterClient(hosts.router)
}

test('an ordinary user can choose this machine as root, first of all', async () => {
  expect((await client(false).known()).map(({ name, origin }) => [name, origin])).toEqual([
    [ROOT_HERE, 'root'],
    ['web7', 'ssh-config'],
  ])
})

test('root is not offered it, and refused', async () => {
  expect((await client(true).known()).map(({ name }) => name)).toEqual(['web7'])
  await expect(client(true).connect({ name: ROOT_HERE })).rejects.toMatchObject({
    code: 'UNPROCESSABLE_CONTENT',
    data: { cause: 'this program runs as root already' },
  })
})
