/** The single executable and its packages: it needs nothing of the machine, and it brings itself to another one. */
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ROOT_HERE } from '../../electron/contract/constants.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { neededBeyondOldest } from '../../native/oldest-system.mjs'
import { eventually, needsRoot } from '../integration/support/conditions.ts'
import { startOrdinaryUser } from '../integration/support/ordinary-user.ts'
import { needsProgram } from '../integration/support/program.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')

let program: string | null = null
let unavailable = ''
let home: string

beforeAll(async () => {
  try {
    await run(process.execPath, ['.ci/packages.mjs', '--uncompressed'], { cwd: root, maxBuffer: 1 << 24 })
    program = join(root, `out/single/reuseport-inspector-linux-${process.arch}`)
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    // The rest of the build needs no network.
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETARGET|E404/.test(stderr ?? '')) throw error
    unavailable = "Node.js's package cannot be downloaded here"
  }
})

beforeEach((context) => {
  if (program === null) context.skip(unavailable)
  home = mkdtempSync(join(tmpdir(), 'rpi-test-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

type Ended = { readonly status: number; readonly out: string; readonly messages: string }

/** Runs it with nothing of this environment. */
async function single(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: home, LANG: 'C.UTF-8', ...environment }
  try {
    const { stdout, stderr } = await run(program ?? '', args, { env, cwd: '/', maxBuffer: 1 << 28 })
    return { status: 0, out: stdout, messages: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { status: code, out: stdout, messages: stderr }
  }
}

const cache = () => join(home, '.cache/reuseport-inspector')
const modeOf = (path: string) => statSync(path).mode & 0o777

test('it reads the machine without Node.js, and unpacks its parts once, for this user only', async () => {
  const first = await single(['groups', '--all', '--json'])
  expect({ status: first.status, messages: first.messages }).toEqual({ status: 0, messages: '' })
  Snapshot.parse(JSON.parse(first.out))
  const [parts = ''] = readdirSync(cache())
  expect(readdirSync(cache())).toEqual([expect.stringMatching(/^parts-[0-9a-f]{16}$/)])
  expect(modeOf(cache())).toBe(0o700)
  const addon = join(cache(), parts, 'reuseport.node')
  const { ino } = statSync(addon)
  expect((await single(['groups'])).status).toBe(0)
  expect(statSync(addon).ino).toBe(ino)
  writeFileSync(addon, 'damaged')
  expect((await single(['groups'])).status).toBe(0)
})

test('its environment cannot make it run other code', async () => {
  const loaded = join(home, 'loaded.cjs')
  writeFileSync(loaded, 'process.exit(99)')
  expect((await single(['--version'], { NODE_OPTIONS: `--require ${loaded}` })).status).toBe(0)
})

/** Another host without anything, whose home is `home`. */
const elsewhere = () => `env -i PATH=/usr/bin:/bin HOME=${home}/far sh`

test('it sends itself to another host once, for this user only', async () => {
  const first = await single(['groups', '--json', '--via', elsewhere()])
  expect({ status: first.status, messages: first.messages }).toEqual({
    status: 0,
    messages: expect.stringMatching(/^Sending this program to env .* \(\d+ MB\), once for each version\.\n$/),
  })
  Snapshot.parse(JSON.parse(first.out))
  const far = join(home, 'far/.cache/reuseport-inspector')
  expect(readdirSync(far).sort()).toEqual([
    expect.stringMatching(/^engine-[0-9a-f]{16}$/),
    expect.stringMatching(/^parts-[0-9a-f]{16}$/),
  ])
  for (const path of [far, join(far, readdirSync(far)[0] ?? '')]) expect(modeOf(path)).toBe(0o700)
  expect(await single(['groups', '--via', elsewhere()])).toMatchObject({ status: 0, messages: '' })
})

/** Debian's static one (busybox-static). */
const BUSYBOX = '/bin/busybox'

test('a host without a C library gets that too, once; and all of it can be removed', async (context) => {
  needsRoot(context)
  if (!existsSync(BUSYBOX)) context.skip('busybox is not installed (Debian package busybox-static)')
  const far = join(home, 'far')
  for (const folder of ['bin', 'dev', 'proc', 'root']) mkdirSync(join(far, folder), { recursive: true })
  copyFileSync(BUSYBOX, join(far, 'bin/busybox'))
  const { stdout: applets } = await run(BUSYBOX, ['--list'])
  for (const name of applets.split('\n').filter((name) => !['', 'busybox'].includes(name)))
    symlinkSync('busybox', join(far, 'bin', name))
  const steps = [`mount -t proc proc ${far}/proc`, `mount --bind /dev ${far}/dev`]
  const shell = `exec chroot ${far} /bin/env -i PATH=/bin HOME=/root sh`
  const via = `unshare --mount --pid --fork --kill-child sh -c '${[...steps, shell].join(' && ')}'`
  const first = await single(['groups', '--json', '--via', via])
  expect({ status: first.status, messages: first.messages }).toEqual({
    status: 0,
    messages: expect.stringMatching(/^Sending this program to .* once for each version\.\n$/),
  })
  Snapshot.parse(JSON.parse(first.out))
  expect(readdirSync(join(far, 'root/.cache/reuseport-inspector')).sort()).toEqual(
    ['engine', 'libc', 'parts'].map((kind) => expect.stringMatching(new RegExp(`^${kind}-[0-9a-f]{16}$`))),
  )
  expect(await single(['groups', '--via', via])).toMatchObject({ status: 0, messages: '' })
  await single(['host', 'add', 'small', '--via', via])
  expect((await single(['host', 'clean', 'small'])).out).toMatch(/^3 files and folders removed/)
  expect(readdirSync(join(far, 'root/.cache'))).toEqual([])
})

test('an installation with the window sends the executable that it has', async () => {
  const resources = join(home, 'resources')
  for (const folder of ['app/dist', 'terminal']) mkdirSync(join(resources, folder), { recursive: true })
  copyFileSync(join(root, 'package.json'), join(resources, 'app/package.json'))
  cpSync(join(root, 'dist/node'), join(resources, 'app/dist/node'), { recursive: true })
  copyFileSync(join(root, 'native/build/Release/reuseport.node'), join(resources, 'reuseport.node'))
  copyFileSync(program ?? '', join(resources, 'terminal/reuseport-inspector'))
  for (const name of ['program.json', 'libc'])
    cpSync(join(root, 'out/single', name), join(resources, 'terminal', name), { recursive: true })
  const command = [join(resources, 'app/dist/node/cli.cjs'), 'groups', '--json', '--port', '1', '--via', elsewhere()]
  const { stdout, stderr } = await run(process.execPath, command, { env: { HOME: home, PATH: '/usr/bin:/bin' } })
  expect(stderr).toMatch(/^Sending this program to /)
  Snapshot.parse(JSON.parse(stdout))
})

test('what is damaged or cut on the way is not started, and leaves nothing', async () => {
  const cut = await single(['groups', '--via', `stdbuf -o0 head -c 5000000 | ${elsewhere()}`])
  expect(cut).toMatchObject({
    status: 4,
    messages: expect.stringMatching(/damaged on the way \(\d+ of \d+ bytes arrived\)/),
  })
  const changed = await single([
    'groups',
    '--via',
    `{ stdbuf -o0 head -c 2000000; head -c 4 > /dev/null; printf XXXX; exec cat; } | ${elsewhere()}`,
  ])
  expect(changed).toMatchObject({ status: 4, messages: expect.stringContaining('not those that were sent') })
  expect(readdirSync(join(home, 'far/.cache/reuseport-inspector'))).toEqual([])
})

test('where the home is mounted noexec, it takes the next place, and says why where there is none', async (context) => {
  needsRoot(context)
  const folders = ['/run', '/var/tmp', '/tmp', '/dev/shm']
  const mounts = (options: string, list: string[]) =>
    list.map((folder) => `mount -t tmpfs -o ${options} tmpfs ${folder}`)
  const via = (steps: string[]) =>
    `unshare --mount sh -c '${steps.join(' && ')} && exec env -i PATH=/usr/bin:/bin HOME=/run sh'`
  const next = await single([
    'groups',
    '--via',
    via([...mounts('noexec', ['/run']), ...mounts('mode=1777', ['/var/tmp'])]),
  ])
  expect(next).toMatchObject({ status: 0 })
  const none = await single(['groups', '--via', via(mounts('noexec,mode=1777', folders))])
  expect(none.status).toBe(4)
  expect(none.messages).toMatch(
    /no folder there can be written and executed: \/run\/\.cache\/reuseport-inspector \(mounted noexec\)/,
  )
})

test('through sudo it puts itself into a folder of root, and shows what root sees', async (context) => {
  needsRoot(context)
  needsProgram(context, 'sudo')
  await using user = await startOrdinaryUser('ALL=(ALL) NOPASSWD: ALL', { single: program ?? '' })
  await user.hosts.connect({ name: ROOT_HERE })
  const { about } = await user.connection(ROOT_HERE, 'connected')
  expect(about).toMatchObject({
    host: { uid: 0 },
    program: expect.stringMatching(/^\/root\/\.cache\/reuseport-inspector\/engine-[0-9a-f]{16}$/),
  })
  Snapshot.parse(await (await user.engineOf(ROOT_HERE)).snapshot({}))
  expect(user.trapped()).toBe(false)
  await user.hosts.disconnect({ name: ROOT_HERE })
  await eventually("root's engine has ended", () => user.engines().length === 0)
})

test('it and its parts run on the oldest system', async () => {
  const parts = ['reuseport.node', 'reuseport-lab', 'reuseport-bpf'].map((name) =>
    join(root, 'native/build/Release', name),
  )
  for (const path of [...parts, program ?? ''].filter(existsSync)) expect(neededBeyondOldest(path), path).toEqual([])
  // It is sent to every host.
  expect(statSync(program ?? '').size).toBeLessThan(125e6)
})

describe('the packages', () => {
  const made = join(root, 'out/packages')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const named = (ending: string) => join(made, readdirSync(made).find((name) => name.endsWith(ending)) ?? ending)
  /** What each of them installs. */
  const installed = [
    'usr/bin/reuseport-inspector',
    'usr/lib/reuseport-inspector/root-engine',
    'usr/lib/systemd/system/reuseport-inspector.service',
    'usr/share/bash-completion/completions/reuseport-inspector',
    'usr/share/doc/reuseport-inspector-cli/THIRD-PARTY-NOTICES.md',
    'usr/share/fish/vendor_completions.d/reuseport-inspector.fish',
    'usr/share/man/man1/reuseport-inspector-groups.1.gz',
    'usr/share/polkit-1/actions/org.example.reuseport-inspector.policy',
    'usr/share/reuseport-inspector/grafana/dashboard.json',
    'usr/share/reuseport-inspector/prometheus/alerts.yml',
    'usr/share/reuseport-inspector/snapshot.schema.json',
    'usr/share/reuseport-inspector/doctor.schema.json',
    'usr/share/zsh/vendor-completions/_reuseport-inspector',
  ]

  test('the archive runs wherever it is unpacked', async () => {
    await run('tar', ['xf', named('.tar'), '-C', home])
    const folder = join(home, `reuseport-inspector-${version}-linux-${process.arch}`)
    for (const path of installed) expect(existsSync(join(folder, path.slice('usr/'.length))), path).toBe(true)
    const { stdout } = await run(join(folder, 'bin/reuseport-inspector'), ['--version'], { env: { HOME: home } })
    expect(stdout).toBe(`${version}\n`)
  })

  test('the .deb needs no Node.js, and takes the place of the one with the window', async () => {
    const { stdout: fields } = await run('dpkg-deb', ['--field', named('.deb')])
    expect(fields).toMatch(/^Package: reuseport-inspector-cli$/m)
    expect(fields).toMatch(/^Depends: libc6 \(>= 2\.28\), libstdc\+\+6$/m)
    expect(fields).toMatch(/^Conflicts: reuseport-inspector$/m)
    const { stdout: listed } = await run('dpkg-deb', ['--contents', named('.deb')])
    for (const path of installed) expect(listed).toMatch(new RegExp(` root/root .* \\./${path}$`, 'm'))
    expect(listed).toMatch(/^-rwxr-xr-x .* \.\/usr\/bin\/reuseport-inspector$/m)
  })

  test('the .rpm has the same', async (context) => {
    if (!existsSync('/usr/bin/rpmbuild')) context.skip('rpmbuild is not installed (Debian package rpm)')
    const { stdout } = await run('rpm', ['-qp', '--list', '--requires', '--conflicts', named('.rpm')], {
      env: { ...process.env, HOME: home },
    })
    const lines = stdout.split('\n')
    expect(lines).toEqual(expect.arrayContaining(installed.map((path) => `/${path}`)))
    expect(lines).toEqual(expect.arrayContaining(['glibc >= 2.28', 'libstdc++', 'reuseport-inspector']))
    expect(stdout).not.toMatch(/nodejs/)
  })

  test('the checksums are theirs, and the list of contents names what is bundled', async () => {
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: made })
    const { components } = JSON.parse(readFileSync(named('.cdx.json'), 'utf8')) as { components: { name: string }[] }
    expect(components.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node.js', 'commander', 'gcc', 'glibc', 'react', 'ws', 'zod']),
    )
  })
})
