/** Makes the .rpm of the packaged application: Electron Forge's own maker is not published for this version of Forge. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MakerBase, type MakerOptions } from '@electron-forge/maker-base'
import type { ForgePlatform } from '@electron-forge/shared-types'

/** By Node's name of the architecture, as rpm calls it. */
const ARCHITECTURES = new Map([
  ['x64', 'x86_64'],
  ['arm64', 'aarch64'],
])

/** The options of electron-installer-redhat that we use; it has no types. */
export type RpmOptions = {
  readonly name: string
  readonly productName: string
  readonly bin: string
  readonly license: string
  readonly requires: readonly string[]
  readonly categories: readonly string[]
  readonly description: string
  readonly productDescription: string
  readonly icon: Readonly<Record<string, string>>
  readonly desktopTemplate: string
  readonly scripts: { readonly post: string; readonly postun: string }
  /** How rpmbuild compresses it ("w.ufdio": not at all). The installer's own is slow and small. */
  readonly payload?: string
}

export class MakerRpm extends MakerBase<RpmOptions> {
  name = 'rpm'
  defaultPlatforms: ForgePlatform[] = ['linux']
  override requiredExternalBinaries = ['rpmbuild']

  override isSupportedOnCurrentPlatform(): boolean {
    return this.isInstalled('electron-installer-redhat')
  }

  override async make({ dir, makeDir, targetArch }: MakerOptions): Promise<string[]> {
    const arch = ARCHITECTURES.get(targetArch)
    if (arch === undefined) throw new Error(`There is no .rpm for ${targetArch}.`)
    const dest = resolve(makeDir, 'rpm', targetArch)
    await this.ensureDirectory(dest)
    const { default: install } = await import('electron-installer-redhat')
    const { packagePaths } = await install({
      ...this.config,
      arch,
      src: dir,
      dest,
      specTemplate: specTemplate(this.config.payload),
    })
    return packagePaths
  }
}

/**
 * The installer's own, with this payload where one is given, and without what rpmbuild does to programs: stripped, the
 * single executable would lose its content.
 */
function specTemplate(payload: string | undefined): string {
  const own = join(dirname(fileURLToPath(import.meta.resolve('electron-installer-redhat'))), '../resources/spec.ejs')
  const path = join(mkdtempSync(join(tmpdir(), 'reuseport-inspector-rpm-')), 'spec.ejs')
  process.once('exit', () => rmSync(dirname(path), { recursive: true, force: true }))
  const asTheyAre = '%global __os_install_post %{nil}\n%global _build_id_links none\n%global debug_package %{nil}\n'
  const template = readFileSync(own, 'utf8')
  const packed = payload === undefined ? template : template.replace(/^(%define _binary_payload) .*/m, `$1 ${payload}`)
  writeFileSync(path, `${asTheyAre}${packed}`)
  return path
}
