/** Runs `electron-forge package` with a stand-in for Electron's zip: everything but the binary is as it will be. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { FuseV1Options } from '@electron/fuses'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

/** Forge wants this; a Node of its own is fetched where the tests run on an older one. */
const FORGE_NODE = '22.23.3'

/**
 * Path of a Node that Forge runs on: this one, or the one in `dist/test/forge-node`, fetched once. Throws where it
 * cannot be fetched.
 */
export async function nodeForForge(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath
  const folder = join(ROOT, 'dist/test/forge-node')
  const node = join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin/node')
  if (existsSync(node)) return node
  await fetchPackage(folder, `node-linux-${process.arch}@${FORGE_NODE}`)
  return node
}

/** Of maker-deb, which takes it only on a Node that Forge runs on. */
const INSTALLER = 'electron-installer-debian@4.0.0'

/** Where `electron-installer-debian` lies: installed with Forge, or in `dist/test/forge-deb`, fetched once. */
async function installerForDeb(): Promise<string> {
  const place = 'node_modules/electron-installer-debian/src/installer.js'
  if (existsSync(join(ROOT, place))) return join(ROOT, place)
  const folder = join(ROOT, 'dist/test/forge-deb')
  if (!existsSync(join(folder, place))) await fetchPackage(folder, INSTALLER)
  return join(folder, place)
}

async function fetchPackage(folder: string, wanted: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  await run('npm', ['install', '--prefix', folder, ...quiet, wanted], { cwd: folder, timeout: 100_000 })
}

/** What @electron/fuses looks for in a binary: this text, a version, the number of fuses, and a character for each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const FUSES = Object.values(FuseV1Options).filter((value) => typeof value === 'number').length

/** Makes a folder with `electron-vVERSION-linux-ARCH.zip`. Its binary is a script with a wire of fuses, all off. */
export async function makeStandIn(folder: string): Promise<void> {
  const { version } = require('electron/package.json') as { version: string }
  const content = join(folder, 'content')
  mkdirSync(join(content, 'resources'), { recursive: true })
  const wire = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, FUSES]), Buffer.alloc(FUSES, '0')])
  writeFileSync(join(content, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n'), wire]), { mode: 0o755 })
  writeFileSync(join(content, 'chrome-sandbox'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(content, 'version'), version)
  writeFileSync(join(content, 'LICENSE'), 'stand-in')
  writeFileSync(join(content, 'resources/default_app.asar'), '')
  const zip = join(folder, `electron-v${version}-linux-${process.arch}.zip`)
  // node-gyp needs Python, so it is there wherever the addon was built.
  await run(
    'python3',
    ['-m', 'zipfile', '-c', zip, ...['electron', 'chrome-sandbox', 'version', 'LICENSE', 'resources/']],
    {
      cwd: content,
    },
  )
}

/** Packages the application; resolves to its folder. */
export async function packageApplication(standIn: string): Promise<string> {
  const node = await nodeForForge()
  const forge = join(ROOT, 'node_modules/@electron-forge/cli/dist/electron-forge.js')
  await run(node, [forge, 'package'], {
    cwd: ROOT,
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, ELECTRON_ZIP_DIR: standIn },
    maxBuffer: 1 << 24,
  })
  return join(ROOT, 'out', `reuseport-inspector-linux-${process.arch}`)
}

/** As maker-deb does it (its MakerDeb.js), of what is packaged already: Forge's own settings, and the installer's work. */
const MAKE_DEB = `
const [, config, installer, src, dest] = process.argv
const { default: { makers } } = await import(config)
const maker = makers.find(({ name }) => name === 'deb')
const { default: install } = await import(installer)
await maker.prepareConfig(process.arch)
const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch]
const { packagePaths } = await install({ options: {}, ...maker.config, arch, src, dest, rename: undefined })
console.log(packagePaths[0])`

/** Makes the .deb of the packaged application in `to`; resolves to its path. */
export async function makeDeb(packaged: string, to: string): Promise<string> {
  const node = await nodeForForge()
  const installer = await installerForDeb()
  const flags = ['--no-warnings', '--experimental-strip-types', '--input-type=module', '--eval', MAKE_DEB]
  const { stdout } = await run(node, [...flags, join(ROOT, 'forge.config.ts'), installer, packaged, to], { cwd: ROOT })
  return stdout.trim().split('\n').at(-1) ?? ''
}
