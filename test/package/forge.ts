/** Runs `electron-forge package` with a replacement for Electron's zip: all but the binary is as in a release. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { FuseV1Options } from '@electron/fuses'
import { setUpForForge } from '../../electron/launch/forge.mjs'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

/** What @electron/fuses expects in a binary: this text, a version, the number of fuses, and a character for each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const FUSES = Object.values(FuseV1Options).filter((value) => typeof value === 'number').length

/** Creates a folder with `electron-vVERSION-linux-ARCH.zip`. Its binary is a script with a fuse wire, all off. */
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
  // node-gyp needs Python, so it exists wherever the addon was built.
  await run(
    'python3',
    ['-m', 'zipfile', '-c', zip, ...['electron', 'chrome-sandbox', 'version', 'LICENSE', 'resources/']],
    {
      cwd: content,
    },
  )
}

/** Packages the application; resolves to its folder. */
export async function packageApplication(standIn: string, flags: readonly string[] = []): Promise<string> {
  await run('npm', ['run', 'package', '--', ...flags], {
    cwd: ROOT,
    env: { ...process.env, ELECTRON_ZIP_DIR: standIn },
    maxBuffer: 1 << 24,
  })
  return join(ROOT, 'out', `reuseport-inspector-linux-${process.arch}`)
}

/** As maker-deb does (its MakerDeb.js), from the packaged application: Forge's settings, and the installer's work. */
const MAKE_DEB = `
const [, config, installer, src, dest] = process.argv
const { default: { makers } } = await import(config)
const maker = makers.find(({ name }) => name === 'deb')
const { default: install } = await import(installer)
await maker.prepareConfig(process.arch)
const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch]
const { packagePaths } = await install({ options: {}, ...maker.config, arch, src, dest, rename: undefined, compression: 'none' })
console.log(packagePaths[0])`

/** Makes the .deb of the packaged application in `to`; resolves to its path. */
export async function makeDeb(packaged: string, to: string): Promise<string> {
  const node = setUpForForge()
  const installer = join(ROOT, 'node_modules/electron-installer-debian/src/installer.js')
  const flags = ['--no-warnings', '--experimental-strip-types', '--input-type=module', '--eval', MAKE_DEB]
  const { stdout } = await run(node, [...flags, join(ROOT, 'forge.config.ts'), installer, packaged, to], { cwd: ROOT })
  return stdout.trim().split('\n').at(-1) ?? ''
}

/** As assets/rpm/maker.ts does, quickly. */
const MAKE_RPM = `
const [, config, src, dest] = process.argv
const { default: { makers } } = await import(config)
const maker = makers.find(({ name }) => name === 'rpm')
await maker.prepareConfig(process.arch)
maker.config = { ...maker.config, payload: 'w.ufdio' }
const [path] = await maker.make({ dir: src, makeDir: dest, targetArch: process.arch })
console.log(path)`

/** Makes the .rpm of the packaged application in `to`; resolves to its path. */
export async function makeRpm(packaged: string, to: string): Promise<string> {
  const node = setUpForForge()
  const flags = ['--no-warnings', '--experimental-strip-types', '--input-type=module', '--eval', MAKE_RPM]
  const { stdout } = await run(node, [...flags, join(ROOT, 'forge.config.ts'), packaged, to], { cwd: ROOT })
  return stdout.trim().split('\n').at(-1) ?? ''
}
