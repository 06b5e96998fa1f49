/** Another host on this machine: namespaces of its own, a link to them, and an sshd that knows one key. */
import { execFile, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './conditions.ts'
import { root } from './engine.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'

const run = promisify(execFile)
const program = `${root}dist/node/cli.cjs`
const [NEAR, FAR] = ['10.99.7.1', '10.99.7.2']

/** Of the key of `locked`. */
export const PASSPHRASE = 'open sesame'

export type Ended = { readonly status: number; readonly out: string; readonly messages: string }

export type SshHost = AsyncDisposable & {
  /** Where the sockets of the host are. */
  readonly far: TestNamespace
  /** Where the terminal program and its ssh run. */
  readonly near: TestNamespace
  /** For files of a test. */
  readonly folder: string
  /**
   * Runs the terminal program here. `web7` is the host's name for ssh; as `locked` its host key is unknown, and the key
   * has a passphrase.
   */
  cli(...args: string[]): Promise<Ended>
  /** The same, still running: its process, and how it ends. */
  start(...args: string[]): {
    readonly pid: number
    readonly firstOutput: Promise<string>
    readonly ended: Promise<Ended>
  }
  /** Command lines of the engines that run on the host. */
  engines(): Promise<string[]>
  /** Installs reuseport-inspector there as this text of a shell script; by default what was built. */
  install(script?: string): void
  /**
   * Puts a `docker` on the PATH here that knows one running container, `web`: the host. What it does not know it refuses
   * in Docker's words.
   */
  installDocker(): void
  /** What the sshd logged. */
  log(): string
  /** Cuts the link to the host, and mends it. */
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function startSshHost(): Promise<SshHost> {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  const [near, far] = [await makeNamespace(), await makeNamespace()]
  const at = (name: string) => join(folder, name)
  await run('ip', ['-n', near.name, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', far.name])
  for (const [namespace, address] of [[near, NEAR] as const, [far, FAR] as const]) {
    await namespace.ip('addr', 'add', `${address}/24`, 'dev', 'wire')
    await namespace.ip('link', 'set', 'wire', 'up')
  }
  for (const [key, phrase] of [
    ['host-key', ''],
    ['key', ''],
    ['locked', PASSPHRASE],
  ] as const)
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', phrase, '-f', at(key)])
  mkdirSync(at('far-bin'))
  mkdirSync(at('near-bin'))
  const configuration = [
    `ListenAddress ${FAR}:22`,
    `HostKey ${at('host-key')}`,
    `AuthorizedKeysFile ${at('key.pub')} ${at('locked.pub')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
    `SetEnv PATH=${at('far-bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
  ]
  writeFileSync(at('sshd_config'), `${configuration.join('\n')}\n`)
  writeFileSync(at('known_hosts'), `${FAR} ${readFileSync(at('host-key.pub'), 'utf8')}`)
  const there = [`  HostName ${FAR}`, '  User root', '  IdentitiesOnly yes']
  const client = [
    ...['Host web7', ...there, `  IdentityFile ${at('key')}`],
    ...['Host locked', ...there, `  IdentityFile ${at('locked')}`, `  UserKnownHostsFile ${at('known-later')}`],
    ...['Host *', `  UserKnownHostsFile ${at('known_hosts')}`],
  ]
  mkdirSync(at('home/.ssh'), { recursive: true })
  writeFileSync(at('home/.ssh/config'), `${client.join('\n')}\n`)
  // ssh reads the configuration in the home directory of /etc/passwd, whatever HOME says.
  writeFileSync(at('near-bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${at('home/.ssh/config')}' "$@"\n`, {
    mode: 0o755,
  })

  // /run/sshd has to exist; the name of the namespace has to stay.
  const steps = `mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$1" 2> "$2"`
  const isolated = ['unshare', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child', 'sh', '-c', steps, 'sh']
  const server = spawn(
    'nsenter',
    [`--net=${far.path}`, 'setpriv', '--pdeathsig=KILL', ...isolated, at('sshd_config'), at('log')],
    { stdio: 'ignore' },
  )
  const serverEnded = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const log = () => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8') : '')
  await eventually('sshd listens', () => log().includes('Server listening'))

  const start: SshHost['start'] = (...args) => {
    const child = spawn('nsenter', [`--net=${near.path}`, process.execPath, program, ...args], {
      env: {
        ...process.env,
        PATH: `${at('near-bin')}:${process.env.PATH}`,
        HOME: at('home'),
        XDG_CONFIG_HOME: undefined,
        XDG_STATE_HOME: undefined,
        SSH_AUTH_SOCK: undefined,
        LANG: 'C.UTF-8',
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, messages] = ['', '']
    const firstOutput = new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve))
    child.stdout.on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      messages += text
    })
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (status) => resolve({ status: status ?? -1, out, messages })),
    )
    return { pid: child.pid ?? 0, firstOutput, ended }
  }

  const host: SshHost = {
    far,
    near,
    folder,
    start,
    cli: (...args) => start(...args).ended,
    async engines() {
      // From outside: the host's processes are visible here, in a namespace of this test.
      const { stdout } = await run('ip', ['netns', 'pids', far.name])
      return stdout
        .split('\n')
        .filter((pid) => pid !== '')
        .map((pid) => commandLine(pid))
        .filter((line) => line.includes('--stdio'))
    },
    install(script = `exec '${process.execPath}' '${program}' "$@"`) {
      const path = at('far-bin/reuseport-inspector')
      writeFileSync(path, `#!/bin/sh\n${script}\n`)
      chmodSync(path, 0o755)
    },
    installDocker() {
      const enter = `exec nsenter --net=${far.path} env PATH=${at('far-bin')}:/usr/bin:/bin HOME=${at('home')} sh`
      const script = [
        '#!/bin/sh',
        'case "$*" in',
        '  ps\\ --format*) printf "web\\tnginx:1.27\\n" ;;',
        `  "exec -i web sh") ${enter} ;;`,
        '  *) echo "Error response from daemon: No such container: $3" >&2; exit 1 ;;',
        'esac',
      ]
      writeFileSync(at('near-bin/docker'), `${script.join('\n')}\n`, { mode: 0o755 })
    },
    log,
    cut: () => far.ip('link', 'set', 'wire', 'down'),
    mend: () => far.ip('link', 'set', 'wire', 'up'),
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL')
      await serverEnded
      await near.remove()
      await far.remove()
      rmSync(folder, { recursive: true })
    },
  }
  return host
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
