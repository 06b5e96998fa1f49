/** `serve --hosts` as an ordinary user whose account, sudoers file and installed program are a test's own. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { WebSocket } from 'ws'
import type { PeerName } from '../../../electron/contract/channels.ts'
import type { HostConnection } from '../../../electron/contract/hosts.ts'
import type { HostsClient } from '../../../renderer/model/hosts/hosts-client.ts'
import { eventually } from './conditions.ts'
import { type Client, root } from './engine.ts'
import { openPage } from './serve-client.ts'

const USER = { name: 'rpi-alice', uid: 61_234 } as const
export const PASSWORD = 'correct horse'
const program = `${root}dist/node/cli.cjs`

export type OrdinaryUser = AsyncDisposable & {
  readonly server: ChildProcess
  /** Of the page. */
  readonly url: URL
  /** The user's own engine. */
  readonly near: Client
  readonly hosts: HostsClient
  /** The connection to a host, once it is in this phase and `fits`. */
  connection(
    name: string,
    phase: HostConnection['state']['phase'],
    fits?: (connection: HostConnection) => boolean,
  ): Promise<HostConnection>
  /** The engine of a connected host. */
  engineOf(name: string): Promise<Client>
  /** Command lines of root's engines. */
  engines(): string[]
  /** Whether a program from a folder of the user's was started as root. */
  trapped(): boolean
}

/** `rule`: for the user, in the sudoers file; null: none. Resolves when a page is connected. */
export async function startOrdinaryUser(rule: string | null): Promise<OrdinaryUser> {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  const at = (name: string) => join(folder, name)
  execFileSync('chmod', ['755', folder])
  for (const name of ['home', 'home/bin', 'bin']) mkdirSync(at(name))
  const hash = execFileSync('openssl', ['passwd', '-6', PASSWORD], { encoding: 'utf8' }).trim()
  const account = (file: string, line: string, mode: number) =>
    writeFileSync(at(file), `${readFileSync(`/etc/${file}`, 'utf8')}${line}\n`, { mode })
  account('passwd', `${USER.name}:x:${USER.uid}:${USER.uid}::${at('home')}:/bin/sh`, 0o644)
  account('group', `${USER.name}:x:${USER.uid}:`, 0o644)
  account('shadow', `${USER.name}:${hash}:20000:0:99999:7:::`, 0o600)
  const rules = [
    'Defaults env_reset, use_pty, !lecture, !mail_badpass, passwd_timeout=0, passwd_tries=1',
    'root ALL=(ALL:ALL) ALL',
  ]
  writeFileSync(at('sudoers'), `${[...rules, ...(rule === null ? [] : [`${USER.name} ${rule}`])].join('\n')}\n`, {
    mode: 0o440,
  })
  writeFileSync(at('bin/reuseport-inspector'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, {
    mode: 0o755,
  })
  // Earlier on the user's PATH, which sudo passes on without secure_path (sudoers(5)): root must not start them.
  const trap = `#!/bin/sh\n[ $(/usr/bin/id -u) = 0 ] && : > '${at('home/trapped')}'\nexit 2\n`
  for (const name of ['reuseport-inspector', 'env']) writeFileSync(at(`home/bin/${name}`), trap, { mode: 0o755 })
  for (const name of ['home', 'home/bin']) chownSync(at(name), USER.uid, USER.uid)

  const own = ['passwd', 'group', 'shadow', 'sudoers'].map((name) => `mount --bind '${at(name)}' /etc/${name}`)
  const steps = [...own, `mount --bind '${at('bin')}' /usr/local/sbin`, 'exec "$@"'].join(' && ')
  const drop = ['setpriv', `--reuid=${USER.uid}`, `--regid=${USER.uid}`, '--clear-groups', '--pdeathsig=KILL']
  const serve = [process.execPath, program, 'serve', '--hosts', '--port', '0', '--json']
  const server = spawn('unshare', ['--mount', 'sh', '-c', steps, 'sh', ...drop, ...serve], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: `${at('home/bin')}:/usr/bin:/bin`,
      HOME: at('home'),
      XDG_CACHE_HOME: at('home/.cache'),
      LANG: 'C.UTF-8',
    },
  })
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
  const line = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next()
  const url = new URL((JSON.parse(String(line.value)) as { url: string }).url)
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? ''
  const sockets: WebSocket[] = []
  const channel = async <T extends object>(peer: PeerName): Promise<T> => {
    const socket = await openPage(url, token, peer)
    sockets.push(socket)
    return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })) as T
  }
  const [near, hosts] = [await channel<Client>('engine'), await channel<HostsClient>('hosts')]

  return {
    server,
    url,
    near,
    hosts,
    connection: (name, phase, fits = () => true) =>
      eventually(`${name} is ${phase}`, async () => {
        const { connections } = await hosts.changes({})
        return connections.find((one) => one.name === name && one.state.phase === phase && fits(one))
      }),
    engineOf: (name) => channel<Client>(`host/${name}`),
    engines: () => {
      const { stdout } = spawnSync('pgrep', ['-U', '0', '-a', '-f', 'engine --stdio --view-only'], { encoding: 'utf8' })
      return stdout.split('\n').filter((one) => one.includes('--marker'))
    },
    trapped: () => existsSync(at('home/trapped')),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate()
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
