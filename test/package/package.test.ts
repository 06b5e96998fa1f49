import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { extractAll, extractFile, listPackage, statFile } from '@electron/asar'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SPEAK } from '../desktop/desktop.ts'
import { makeHome, ShellDesktop, shellMissing } from '../desktop/shell-desktop.ts'
import { firstLine } from '../support/first-line.ts'
import { CONDITION_MS } from '../support/timeouts.ts'
import { makeDeb, makeRpm, makeStandIn, packageApplication } from './forge.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const cleanups: (() => unknown)[] = []

let folder: string
let resources: string
let asar: string

beforeAll(async () => {
  const standIn = temporary('stand-in-')
  await makeStandIn(standIn)
  folder = await packageApplication(standIn)
  resources = join(folder, 'resources')
  asar = join(resources, 'app.asar')
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

function temporary(prefix: string): string {
  const path = mkdtempSync(join(tmpdir(), prefix))
  chmodSync(path, 0o755)
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('the asar holds the bundles, the page and package.json, and nothing else', () => {
  const files = listPackage(asar, { isPack: false })
    .map((path) => path.slice(1))
    .filter((path) => !('files' in statFile(asar, path)))
  const assets = files.filter((path) => path.startsWith('.vite/renderer/assets/'))
  expect(assets).toContainEqual(expect.stringMatching(/\.js$/))
  expect(assets).toContainEqual(expect.stringMatching(/\.css$/))
  // Code for exports only is loaded on demand: separate chunks beside the two programs.
  const bundles = files.filter((path) => /^\.vite\/main\/[\w.-]+\.cjs$/.test(path))
  expect(bundles).toEqual(
    expect.arrayContaining(['.vite/main/engine-process.cjs', '.vite/main/file-worker.cjs', '.vite/main/main.cjs']),
  )
  expect(files.filter((path) => !assets.includes(path) && !bundles.includes(path)).sort()).toEqual([
    '.vite/preload/preload.cjs',
    '.vite/renderer/index.html',
    'package.json',
  ])
  const { main } = JSON.parse(extractFile(asar, 'package.json').toString()) as { main: string }
  expect(files).toContain(main)
})

test('the bundles are those of a plain `vite build`', () => {
  const outDir = temporary('plain-build-')
  for (const part of ['main', 'preload']) {
    const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
    const to = join(outDir, part)
    execFileSync(
      process.execPath,
      [vite, 'build', '--config', `vite.${part}.config.ts`, '--outDir', to, '--logLevel', 'error'],
      { cwd: ROOT },
    )
    const inside = `.vite/${part}/`
    const there = listPackage(asar, { isPack: false }).flatMap((path) =>
      path.startsWith(`/${inside}`) ? [path.slice(inside.length + 1)] : [],
    )
    // Its list of licenses went into the notices.
    const built = readdirSync(to).filter((name) => name !== 'licenses.json')
    expect(there.sort()).toEqual(built.sort())
    for (const name of built) {
      const packaged = extractFile(asar, `.vite/${part}/${name}`).toString()
      expect(packaged === readFileSync(join(to, name), 'utf8'), `${part}/${name}`).toBe(true)
    }
  }
})

/** Packaged where its tools are installed. */
const bpfReader = existsSync(join(ROOT, 'native/build/Release/reuseport-bpf')) ? ['reuseport-bpf'] : []

test('the addon and the programs are beside the asar and load from there', () => {
  const require = createRequire(join(resources, 'app.asar/.vite/main/engine-process.cjs'))
  expect(require(join(resources, 'reuseport.node'))).toHaveProperty('Reader')
  const lab = spawnSync(join(resources, 'reuseport-lab'), ['00000001'], { input: 'stop\n', encoding: 'utf8' })
  expect({ status: lab.status, stderr: lab.stderr }).toEqual({ status: 0, stderr: '' })
  for (const name of bpfReader) {
    const bpf = spawnSync(join(resources, name), ['features'], { encoding: 'utf8' })
    expect(JSON.parse(bpf.stdout)).toHaveProperty('groups')
  }
})

// Electron's own binary is a script here, so that all machine code is ours, or Node.js's in the terminal program.
test('no other packaged file is native', () => {
  const isNative = (content: Buffer) => content.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))
  const beside = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.endsWith('.node') || isNative(readFileSync(path)))
  // The C library for other hosts is compressed.
  const ours = [...bpfReader, 'reuseport-lab', 'reuseport.node', 'terminal/reuseport-inspector']
  expect(beside.sort()).toEqual(ours.map((name) => join(resources, name)))
  const inside = listPackage(asar, { isPack: false })
    .map((path) => path.slice(1))
    .filter((path) => !('files' in statFile(asar, path)))
    .filter((path) => path.endsWith('.node') || isNative(extractFile(asar, path)))
  expect(inside).toEqual([])
})

describe('the command', () => {
  /** As the .deb installs it: a link to it, and a window that reports that it was opened. */
  function installed(): string {
    const place = temporary('installed-command-')
    cpSync(folder, join(place, 'lib'), { recursive: true, verbatimSymlinks: true })
    chmodSync(join(place, 'lib'), 0o755)
    writeFileSync(join(place, 'lib/reuseport-inspector'), '#!/bin/sh\necho "window $*"\n', { mode: 0o755 })
    symlinkSync('lib/resources/command/reuseport-inspector', join(place, 'command'))
    return join(place, 'command')
  }
  const run = (command: string, args: string[]) => spawnSync(command, args, { encoding: 'utf8', timeout: CONDITION_MS })
  /** As an ordinary user. */
  const runAsUser = (command: string, args: string[], display: Record<string, string>) =>
    spawnSync(command, args, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...display },
      ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
    })

  test('opens the window without a command, and passes on switches', () => {
    const command = installed()
    expect(runAsUser(command, [], { DISPLAY: ':0' })).toMatchObject({ status: 0, stdout: 'window \n' })
    expect(runAsUser(command, ['--ozone-platform=wayland'], { WAYLAND_DISPLAY: 'wayland-0' })).toMatchObject({
      stdout: 'window --ozone-platform=wayland\n',
    })
  })

  test('suggests alternatives where no window can open: without a display, and as root', () => {
    const command = installed()
    const without = runAsUser(command, [], {})
    expect(without).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(/no display.* serve/s) })
    if (process.getuid?.() !== 0) return
    expect(run(command, [])).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(/root.* serve/s) })
  })

  const unprivileged = process.getuid?.() === 0 ? '' : ' (not run: it needs root)'
  test.skipIf(unprivileged !== '')(
    `says why the window's sandbox is refused, before Electron does${unprivileged}`,
    () => {
      const command = installed()
      const place = dirname(command)
      const none = join(place, 'none')
      writeFileSync(none, '0\n')
      // As if user namespaces are off; as the user nobody, who may open a window.
      const script = `mount --bind "$1" /proc/sys/user/max_user_namespaces && DISPLAY=:0 exec setpriv --reuid=65534 --regid=65534 --clear-groups "$2"`
      const open = () => {
        const opened = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', none, command], { encoding: 'utf8' })
        return { status: opened.status, stdout: opened.stdout, stderr: opened.stderr }
      }
      expect(open()).toEqual({
        status: 3,
        stdout: '',
        stderr: expect.stringMatching(/sandbox is refused.*chmod 4755 '\S+chrome-sandbox'.*reuseport-inspector serve/s),
      })
      chmodSync(join(place, 'lib/chrome-sandbox'), 0o4755)
      expect(open()).toMatchObject({ status: 0, stderr: '' })
    },
  )

  test('reads the machine, and renders an image of it', async () => {
    const command = installed()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const { status, stdout, stderr } = run(command, ['groups', '--json', '--all', '--port', String(port)])
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(JSON.parse(stdout)).toMatchObject({
        schema: 'reuseport-inspector/snapshot/1',
        // Another program may use the same port for something else.
        groups: expect.arrayContaining([expect.objectContaining({ protocol: 'tcp', address: '127.0.0.1', port })]),
      })
    } finally {
      server.close()
    }
    expect(run(command, ['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    const snapshot = join(dirname(command), 'x.png')
    expect(run(command, ['export', 'now', '--output', snapshot])).toMatchObject({ status: 0 })
    expect(readFileSync(snapshot).subarray(1, 4).toString()).toBe('PNG')
  })

  test('serves the page', async () => {
    const serving = spawn(installed(), ['serve', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(serving, 'exit')
    try {
      const { url } = JSON.parse(await firstLine(serving.stdout)) as { url: string }
      const answer = await fetch(url.split('#')[0] ?? '')
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('<div id="root">')
    } finally {
      serving.kill('SIGTERM')
      await ended
    }
  })
})

test('other users can enter its folder', () => {
  expect(statSync(folder).mode & 0o777).toBe(0o755)
})

test('it is packaged only for the architecture of its native parts', async () => {
  const other = process.arch === 'arm64' ? 'x64' : 'arm64'
  await expect(packageApplication(temporary('stand-in-'), ['--arch', other])).rejects.toThrow(
    `Packages for ${other} are made on such a machine; this one is ${process.arch}.`,
  )
})

test('our license is in the usual place, and the one of Electron beside it', () => {
  expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'))
  expect(readFileSync(join(folder, 'LICENSE.electron'), 'utf8')).toBe('stand-in')
})

test('the notices name all shipped third-party work, with its license text and source', () => {
  const notices = readFileSync(join(folder, 'THIRD-PARTY-NOTICES.md'), 'utf8')
  const sections = new Map(
    notices
      .split(/^## /m)
      .slice(1)
      .map((text) => [text.split(/\s/, 1)[0], text.slice(text.indexOf('\n'))]),
  )
  const shipped = ['react', 'react-dom', 'react-aria-components', 'uplot', 'zod', 'commander', 'ws', 'hdr-histogram-js']
  const unbundled = ['node-addon-api', '@resvg/resvg-wasm', 'dejavu-fonts-ttf', 'Node.js', 'glibc']
  expect([...sections.keys()]).toEqual(expect.arrayContaining([...shipped, ...unbundled]))
  // Build and test dependencies are not shipped.
  for (const name of ['vite', 'vitest', 'typescript', 'playwright-core', 'netlink'])
    expect(sections.has(name), name).toBe(false)
  for (const [name, text] of sections) expect(text.length, name).toBeGreaterThan(500)
  expect(notices.match(/^Source: (?!https?:\/\/).*/gm)).toBe(null)
  expect(sections.get('dejavu-fonts-ttf')).toContain('Bitstream Vera')
  expect(sections.get('@resvg/resvg-wasm')).toMatch(/Source: https:[\s\S]*Mozilla Public License Version 2\.0/)
})

test('every fuse is set correctly', async () => {
  const { version, resetAdHocDarwinSignature, strictlyRequireAllFuses, ...wire } = (await getCurrentFuseWire(
    join(folder, 'reuseport-inspector'),
  )) as Record<string, unknown>
  expect(version).toBe('1')
  const names = Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)))
  const states = Object.fromEntries(names.map((name) => [name, wire[String(FuseV1Options[name as 'RunAsNode'])]]))
  const [on, off] = [FuseState.ENABLE, FuseState.DISABLE]
  expect(states).toEqual({
    RunAsNode: off,
    EnableCookieEncryption: on,
    EnableNodeOptionsEnvironmentVariable: off,
    EnableNodeCliInspectArguments: off,
    EnableEmbeddedAsarIntegrityValidation: off,
    OnlyLoadAppFromAsar: on,
    LoadBrowserProcessSpecificV8Snapshot: off,
    GrantFileProtocolExtraPrivileges: off,
    WasmTrapHandlers: on,
  })
})

describe('the .deb', () => {
  test('its scripts are valid shell, and the profile names the installed program', () => {
    for (const script of ['postinst', 'postrm']) {
      execFileSync('sh', ['-n', join(ROOT, 'assets/deb', script)])
      expect(statSync(join(ROOT, 'assets/deb', script)).mode & 0o777).toBe(0o755)
    }
    const profile = readFileSync(join(resources, 'apparmor-profile'), 'utf8')
    expect(profile).toContain('profile reuseport-inspector /usr/lib/reuseport-inspector/reuseport-inspector ')
    expect(profile).toContain('userns,')
    expect(readFileSync(join(ROOT, 'assets/deb/postinst'), 'utf8')).toContain('chmod 4755 "$program/chrome-sandbox"')
    // What polkit lets pkexec start is what the package installs, and starts the installed command.
    const policy = readFileSync(join(resources, 'org.example.reuseport-inspector.policy'), 'utf8')
    expect(policy).toContain('>/usr/lib/reuseport-inspector/root-engine<')
    expect(policy.match(/<allow_\w+>(?!auth_admin<)/g)).toBe(null)
    expect(readFileSync(join(folder, 'root-engine'), 'utf8')).toContain('/usr/bin/reuseport-inspector engine ')
    expect(statSync(join(folder, 'root-engine')).mode & 0o777).toBe(0o755)
  })

  const tools = ['dpkg-deb', 'fakeroot'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  const without = tools.length === 0 ? '' : ` (not run: there is no ${tools.join(', ')})`
  test.skipIf(without !== '')(`installs the window, the command and what belongs to them${without}`, async () => {
    const deb = await makeDeb(folder, temporary('made-deb-'))
    const dpkg = (...args: string[]) => execFileSync('dpkg-deb', args, { encoding: 'utf8', maxBuffer: 1 << 24 })
    expect(dpkg('--field', deb, 'Package', 'Section')).toBe('Package: reuseport-inspector\nSection: net\n')
    for (const library of ['libstdc++6', 'libgtk-3-0', 'libnss3', 'libasound2t64 | libasound2']) {
      expect(dpkg('--field', deb, 'Depends')).toContain(library)
    }
    expect(dpkg('--field', deb, 'Depends')).toContain('libc6 (>= 2.28)')
    // Debian Policy 3.4.1: the first line is shorter than 80 characters.
    expect(dpkg('--field', deb, 'Description').split('\n')[0]?.length).toBeLessThan(80)
    const listed = dpkg('--contents', deb)
    // Electron's sandbox helper; nothing else has more permissions than the user who starts it.
    const program = './usr/lib/reuseport-inspector'
    expect(listed.match(/^-..s.*|^-.....s.*/gm)).toEqual([
      expect.stringMatching(new RegExp(`^-rwsr-xr-x root/root .* ${program}/chrome-sandbox$`)),
    ])
    expect(listed.match(/^[^d](?!.* root\/root ).*$/gm)).toBe(null)

    const place = temporary('installed-deb-')
    dpkg('--extract', deb, place)
    const at = (path: string) => join(place, 'usr', path)
    const entry = readFileSync(at('share/applications/reuseport-inspector.desktop'), 'utf8')
    expect(entry).toMatch(/^Exec=reuseport-inspector$/m)
    expect(readdirSync(at('share/icons/hicolor')).sort()).toContain('scalable')
    expect(existsSync(at('share/icons/hicolor/256x256/apps/reuseport-inspector.png'))).toBe(true)
    for (const asset of [
      'grafana/dashboard.json',
      'prometheus/alerts.yml',
      'snapshot.schema.json',
      'checks.schema.json',
      'doctor.schema.json',
    ]) {
      expect(existsSync(at(`lib/reuseport-inspector/resources/${asset}`)), asset).toBe(true)
    }
    const command = at('bin/reuseport-inspector')
    const { status, stdout } = spawnSync(command, ['groups', '--json', '--port', '1'], { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'reuseport-inspector/snapshot/1' })
  })

  test('every icon has the size in its name', () => {
    for (const name of readdirSync(join(ROOT, 'assets/icons'))) {
      const png = readFileSync(join(ROOT, 'assets/icons', name))
      // Width and height in the IHDR chunk (PNG specification, 11.2.2).
      expect([png.readUInt32BE(16), png.readUInt32BE(20)], name).toEqual(Array(2).fill(Number.parseInt(name, 10)))
    }
  })
})

const noRpm = spawnSync('rpmbuild', ['--version']).error === undefined ? '' : ' (not run: there is no rpmbuild)'
test.skipIf(noRpm !== '')(`the .rpm installs the same as the .deb${noRpm}`, async () => {
  const path = await makeRpm(folder, temporary('made-rpm-'))
  const rpm = (...args: string[]) =>
    execFileSync('rpm', ['-qp', ...args, path], { encoding: 'utf8', env: { ...process.env, HOME: temporary('home-') } })
  expect(rpm('--queryformat', '%{NAME} %{LICENSE} %{SUMMARY}')).toMatch(/^reuseport-inspector MIT inspector of /)
  expect(rpm('--requires')).toMatch(/^alsa-lib$/m)
  expect(rpm('--scripts')).toContain('chmod 4755 /usr/lib/reuseport-inspector/chrome-sandbox')
  expect(rpm('--scripts').match(/\/usr\/share\/polkit-1\/actions\//g)).toHaveLength(2)
  const listed = rpm('--list').split('\n')
  for (const file of [
    'bin',
    'share/applications',
    'share/icons/hicolor',
    'lib/reuseport-inspector/resources/terminal',
  ]) {
    const found = listed.some((line) => line.startsWith(`/usr/${file}/`) && line.includes('reuseport-inspector'))
    expect(found, file).toBe(true)
  }
  // rpmbuild strips programs, and would take away what the single executable carries.
  const files = rpm('--queryformat', '[%{FILENAMES} %{FILEDIGESTS}\\n]').split('\n')
  for (const name of ['terminal/reuseport-inspector', 'reuseport.node', 'reuseport-lab']) {
    const digest = createHash('sha256')
      .update(readFileSync(join(resources, name)))
      .digest('hex')
    expect(files).toContain(`/usr/lib/reuseport-inspector/resources/${name} ${digest}`)
  }
})

const missing = shellMissing()
test.skipIf(missing !== null)(`the package runs${missing === null ? '' : ` (not run: ${missing})`}`, async () => {
  const installed = temporary('installed-')
  extractAll(asar, join(installed, 'resources/app'))
  for (const name of ['reuseport.node', 'reuseport-lab', ...bpfReader]) {
    cpSync(join(resources, name), join(installed, 'resources', name))
  }
  const { home, remove } = makeHome()
  cleanups.push(remove)
  const desktop = await ShellDesktop.start({
    home,
    main: join(installed, 'resources/app/.vite/main/main.cjs'),
    resources: join(installed, 'resources'),
  })
  cleanups.push(() => desktop.end())
  await desktop.evaluate(SPEAK)
  expect(await desktop.evaluate(`call('/machine/about')`)).toMatchObject({ status: 200 })
  const { window, seen, unknownCalls } = await desktop.state()
  expect(window?.options.webPreferences.devTools).toBe(false)
  expect(seen.menu.flatMap(({ submenu }) => submenu.map(({ role }) => role))).not.toContain('toggleDevTools')
  expect(unknownCalls).toEqual([])
  expect(existsSync(join(installed, 'native'))).toBe(false)
})
