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

type Given = {
  /**
   * What a polkit of the test's own answers when the user asks for our action (`polkit.Result`); it asks no one. Then the
   * user sits in front of a desktop, and the package's files for it are installed.
   */
  readonly polkit?: 'YES' | 'NO'
  /** Runs this single executable. Then nothing is installed for root, whose home directory is empty. */
  readonly single?: string
}

/** `rule`: for the user, in the sudoers file; null: none. Resolves when a page is connected. */
export async function startOrdinaryUser(rule: string | null, { polkit, single }: Given = {}): Promise<OrdinaryUser> {
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
  const asked = polkit === undefined ? [] : polkitSteps(folder, polkit)
  const installed = single === undefined ? `mount --bind '${at('bin')}' /usr/local/sbin` : 'mount -t tmpfs tmpfs /root'
  const steps = [...own, installed, ...asked, 'exec "$@"'].join(' && ')
  const drop = ['setpriv', `--reuid=${USER.uid}`, `--regid=${USER.uid}`, '--clear-groups', '--pdeathsig=KILL']
  const started = single === undefined ? [process.execPath, program] : [single]
  const serve = [...started, 'serve', '--hosts', '--port', '0', '--json']
  const server = spawn('unshare', ['--mount', 'sh', '-c', steps, 'sh', ...drop, ...serve], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: `${at('home/bin')}:/usr/bin:/bin`,
      HOME: at('home'),
      XDG_CACHE_HOME: at('home/.cache'),
      LANG: 'C.UTF-8',
      ...(polkit === undefined ? {} : { DISPLAY: ':0' }),
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
      if (polkit !== undefined) process.kill(Number(readFileSync(at('bus.pid'), 'utf8')), 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What a system bus needs: everyone may use everything, and it starts polkitd itself. */
const BUS = `<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <standard_system_servicedirs/>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/>
    <allow receive_type="error"/><allow receive_type="signal"/>
  </policy>
</busconfig>
`

/**
 * Shell commands that install what the package has for polkit, and start a system bus, here only. The bus must be ended
 * (`bus.pid` in the folder), which ends polkitd: its parent is the user's, whose end may not kill a process of root.
 */
function polkitSteps(folder: string, answer: 'YES' | 'NO'): string[] {
  const at = (name: string) => join(folder, name)
  // In the JavaScript of duktape.
  const rule = `polkit.addRule(function (action) {
  return action.id === 'org.example.reuseport-inspector.read-as-root' ? polkit.Result.${answer} : polkit.Result.NOT_HANDLED
})
`
  writeFileSync(at('rule'), rule)
  writeFileSync(at('bus.conf'), BUS)
  mkdirSync(at('overlay'))
  const policy = 'org.example.reuseport-inspector.policy'
  const installed = [
    [`${root}assets/polkit/root-engine`, '/usr/lib/reuseport-inspector/root-engine', '755'],
    [`${root}assets/polkit/${policy}`, `/usr/share/polkit-1/actions/${policy}`, '644'],
    [at('bin/reuseport-inspector'), '/usr/bin/reuseport-inspector', '755'],
  ].map(([from, to, mode]) => `install -D -m ${mode} '${from}' '${to}'`)
  return [
    `mount -t tmpfs -o mode=755 tmpfs '${at('overlay')}'`,
    `mkdir '${at('overlay')}/upper' '${at('overlay')}/work'`,
    `mount -t overlay -o lowerdir=/usr,upperdir='${at('overlay')}/upper',workdir='${at('overlay')}/work' overlay /usr`,
    ...installed,
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'mkdir /run/dbus /run/rules.d',
    `install -m 644 '${at('rule')}' /run/rules.d/00-test.rules`,
    'mount --bind /run/rules.d /etc/polkit-1/rules.d',
    // As one command of the list.
    `{ dbus-daemon --config-file='${at('bus.conf')}' --nofork --nopidfile --print-address=1 > /run/address 2> /dev/null & }`,
    `echo $! > '${at('bus.pid')}'`,
    '{ until [ -s /run/address ]; do sleep 0.1; done; }',
  ]
}
