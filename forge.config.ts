/**
 * Packaging with Electron Forge: `npm run package` for a folder, `npm run make` for a .deb, an .rpm where rpmbuild is
 * installed, and a .zip. They bring the Node that Forge needs (electron/launch/forge.mjs).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { FuseV1Options, FuseVersion } from '@electron/fuses'
import { MakerDeb } from '@electron-forge/maker-deb'
import { MakerZIP } from '@electron-forge/maker-zip'
import { FusesPlugin } from '@electron-forge/plugin-fuses'
import { VitePlugin } from '@electron-forge/plugin-vite'
import type { ForgeConfig } from '@electron-forge/shared-types'
import { LIST, noticesOf } from './assets/licenses/notices.mjs'
import { MakerRpm } from './assets/rpm/maker.ts'
import { OLDEST_GLIBC, refuseNewer } from './native/oldest-system.mjs'

const root = import.meta.dirname
/** The BPF reader: only where it could be built (native/build-bpf.mjs). */
const bpfReader = 'native/build/Release/reuseport-bpf'
const hasBpfReader = existsSync(join(root, bpfReader))
/** The addon, and beside it the programs, where the engine looks for them. */
const native = [
  'native/build/Release/reuseport.node',
  'native/build/Release/reuseport-lab',
  ...(hasBpfReader ? [bpfReader] : []),
]

/** What `serve --metrics` and readers of our files want beside the program. */
const SCHEMAS = readdirSync(join(root, 'assets')).filter((name) => name.endsWith('.schema.json'))
const ASSETS = ['assets/prometheus', 'assets/grafana', ...SCHEMAS.map((name) => `assets/${name}`)]

/** What pkexec may start; it is installed where polkit looks for it (assets/deb/postinst, assets/rpm/post). */
const POLICY = 'assets/polkit/org.example.reuseport-inspector.policy'

/** The notices of others' works, beside our license. */
const NOTICES = 'THIRD-PARTY-NOTICES.md'

/** Forge refuses to make anything where a maker's program is missing. */
const hasRpmbuild = spawnSync('rpmbuild', ['--version']).error === undefined

const icons: Record<string, string> = {
  ...Object.fromEntries(
    [16, 24, 32, 48, 64, 128, 256, 512].map((size) => [`${size}x${size}`, resolve(root, `assets/icons/${size}.png`)]),
  ),
  scalable: resolve(root, 'assets/icon.svg'),
}

/** What both kinds of packages install. */
const installed = {
  name: 'reuseport-inspector',
  productName: 'Reuseport Inspector',
  // The window, and the terminal program: assets/command.
  bin: 'resources/command/reuseport-inspector',
  categories: ['System', 'Network'] as ('System' | 'Network')[],
  description: 'inspector of the sockets that share a port (SO_REUSEPORT)',
  productDescription:
    'Shows every group of sockets that shares a port with SO_REUSEPORT, live: who owns each member, how full its ' +
    'queue is, what it drops, and whether the load is spread as it should be.',
  desktopTemplate: resolve(root, 'assets/deb/reuseport-inspector.desktop'),
}

const config: ForgeConfig = {
  packagerConfig: {
    name: 'reuseport-inspector',
    executableName: 'reuseport-inspector',
    asar: true,
    // Not the system's /tmp: what the packager makes there is the same folder for every user and every run.
    tmpdir: join(root, 'dist/forge'),
    extraResource: [...native, ...ASSETS, 'assets/deb/apparmor-profile', POLICY, 'assets/command'],
    // A folder with Electron's zip, where it cannot be downloaded; the tests put a stand-in there.
    ...(process.env.ELECTRON_ZIP_DIR ? { electronZipDir: process.env.ELECTRON_ZIP_DIR } : {}),
  },
  hooks: {
    prePackage: async (_config, _platform, arch) => {
      // They are built for this machine.
      if (arch !== process.arch)
        throw new Error(`Packages for ${arch} are made on such a machine; this one is ${process.arch}.`)
      for (const part of native) {
        if (!existsSync(join(root, part))) throw new Error(`${part} is not built: npm run package builds it`)
        refuseNewer(join(root, part))
      }
    },
    packageAfterCopy: async (_config, application) => {
      addTerminal(application)
      addNotices(application)
      cpSync(join(root, 'assets/icons/256.png'), join(dirname(application), 'icon.png'))
    },
    postPackage: async (_config, { outputPaths }) => {
      for (const folder of outputPaths) {
        // Forge made it in a folder that is closed to other users.
        chmodSync(folder, 0o755)
        // Electron's own lies there under the name by which people, and the .deb, look for ours.
        renameSync(join(folder, 'LICENSE'), join(folder, 'LICENSE.electron'))
        cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
        cpSync(join(root, 'assets/polkit/root-engine'), join(folder, 'root-engine'))
        renameSync(join(folder, 'resources', NOTICES), join(folder, NOTICES))
      }
    },
  },
  plugins: [
    new VitePlugin({
      build: [
        { entry: 'electron/main/main.ts', config: 'vite.main.config.ts', target: 'main' },
        { entry: 'electron/preload/preload.ts', config: 'vite.preload.config.ts', target: 'preload' },
      ],
      renderer: [{ name: 'page', config: 'vite.renderer.config.ts' }],
    }),
    new FusesPlugin({
      version: FuseVersion.V1,
      strictlyRequireAllFuses: true,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      // Electron compares on macOS and Windows only. Installed from the .deb, the asar is root's.
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: false,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
      [FuseV1Options.WasmTrapHandlers]: true,
    }),
  ],
  makers: [
    new MakerDeb({
      options: {
        ...installed,
        // Beside those of Electron that the installer names by itself: its sound library, which it only recommends and
        // without which the program does not start (Debian 13 and Ubuntu 24.04 have it by another name), and what the
        // native parts (native/oldest-system.mjs) and Node.js in the terminal program need.
        depends: ['libasound2t64 | libasound2', `libc6 (>= ${OLDEST_GLIBC})`, 'libstdc++6'],
        section: 'net',
        maintainer: 'The Reuseport Inspector authors',
        // The installer takes a map of sizes to files; its types know only a single file.
        icon: icons as unknown as string,
        scripts: {
          postinst: resolve(root, 'assets/deb/postinst'),
          postrm: resolve(root, 'assets/deb/postrm'),
        },
      },
    }),
    ...(hasRpmbuild
      ? [
          new MakerRpm({
            ...installed,
            license: 'MIT',
            icon: icons,
            // Beside those of Electron that the installer names by itself.
            requires: ['alsa-lib'],
            scripts: { post: resolve(root, 'assets/rpm/post'), postun: resolve(root, 'assets/rpm/postun') },
          }),
        ]
      : []),
    new MakerZIP({}, ['linux']),
  ],
}

export default config

/** The terminal program needs no Node.js, which the system, and a host that the window connects to, may not have. */
function addTerminal(application: string): void {
  const printed = execFileSync(process.execPath, ['.ci/single.mjs'], { cwd: root, encoding: 'utf8' })
  const program = join(dirname(application), 'terminal/reuseport-inspector')
  mkdirSync(dirname(program))
  const single = printed.trim().split('\n').at(-1) ?? ''
  cpSync(single, program)
  // The window sends it to other hosts (electron/host/carrier/own-program.ts).
  for (const name of ['program.json', 'libc'])
    cpSync(join(dirname(single), name), join(dirname(program), name), { recursive: true })
}

/** Of all bundles, and of what is compiled into the native parts. */
function addNotices(application: string): void {
  const bundles = ['main', 'preload', 'renderer'].map((part) => join(application, '.vite', part))
  const notices = noticesOf(root, [...bundles, join(root, 'out/single/bundle')], hasBpfReader)
  for (const folder of bundles) rmSync(join(folder, LIST))
  writeFileSync(join(dirname(application), NOTICES), notices)
}
