/**
 * `npm run package` and `npm run make`: sets the checkout up and runs Electron Forge. Forge needs a newer Node than the
 * program; where this one is too old, a newer one is fetched once from the npm registry and used only for Forge.
 */
import './node-version.mjs'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchElectron } from './electron-binary.mjs'
import { isAtLeast } from './node-version.mjs'
import { root, runStep, SetupError, setUp } from './setup.mjs'

/** The engines of @electron-forge/cli. */
const FORGE_NODE = '22.13'
const NEWER_NODE = '24.21.0'

/**
 * A dependency of @electron-forge/maker-deb, in package-lock.json's version. npm on an older Node does not install it.
 */
const INSTALLER = 'electron-installer-debian'

/**
 * Sets the checkout up for Forge: dependencies, addon, and the Node that Forge runs on: this one, or one in
 * `dist/forge`, fetched once.
 * @returns {string} path of that Node
 * @throws {import('./setup.mjs').SetupError}
 */
export function setUpForForge() {
  setUp({ bundles: [] })
  if (!existsSync(join(root, 'node_modules', INSTALLER))) {
    const { version } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[
      `node_modules/${INSTALLER}`
    ]
    // Linked, not installed: other programs may be running from node_modules.
    symlinkSync(fetched(INSTALLER, version), join(root, 'node_modules', INSTALLER))
  }
  if (isAtLeast(process.versions.node, FORGE_NODE)) return process.execPath
  return join(fetched(`node-linux-${process.arch}`, NEWER_NODE), 'bin/node')
}

/** Packaging is not interactive: a slow connection is fine. */
const FETCH_LIMIT_MS = 30 * 60_000

/**
 * Fetches the Electron that Forge packages, unless ELECTRON_ZIP_DIR is set: Forge itself reports only "fetch failed".
 * @param {string} checkout
 * @param {NodeJS.ProcessEnv} env
 * @throws {import('./setup.mjs').SetupError}
 */
export async function fetchPacked(checkout, env) {
  if (env.ELECTRON_ZIP_DIR) return
  const failure = await fetchElectron(checkout, FETCH_LIMIT_MS)
  if (failure === null) return
  throw new SetupError(
    `Cannot fetch Electron for the package (${failure}). If you have its zip in a folder: ELECTRON_ZIP_DIR=FOLDER npm run make`,
  )
}

/** The folder of a package, fetched once into its own prefix. */
function fetched(name, version) {
  const place = join(root, 'dist/forge', `${name}-${version}`)
  const folder = join(place, 'node_modules', name)
  if (existsSync(folder)) return folder
  mkdirSync(place, { recursive: true })
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const title = `Fetching ${name} ${version} for Electron Forge (once)`
  runStep(title, 'npm', ['install', '--prefix', place, ...quiet, `${name}@${version}`])
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const node = setUpForForge()
    await fetchPacked(root, process.env)
    const forge = join(root, 'node_modules/@electron-forge/cli/dist/electron-forge.js')
    const options = {
      cwd: root,
      env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
      stdio: 'inherit',
    }
    process.exitCode = spawnSync(node, [forge, ...process.argv.slice(2)], options).status ?? 1
  } catch (error) {
    process.stderr.write(`reuseport-inspector: ${error.message}\n`)
    process.exitCode = 1
  }
}
