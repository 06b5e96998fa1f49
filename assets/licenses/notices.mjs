/** The notices that third-party licenses require of distributors, in one file: names, license texts, sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * As Vite reports each package that it bundled (`build.license`); null or empty where a package says nothing.
 * @typedef {{ name: string, version: string, identifier: string | null, text: string | null }} Notice
 */

/** The file that the build of each bundle writes to its folder. */
export const LIST = 'licenses.json'

/**
 * The notices of all packages in the bundles of `folders`, and of what is compiled into the native parts or carried: the
 * texts for system libraries are in this folder.
 * @param {string} root
 * @param {readonly string[]} folders
 * @param {boolean} bpfReader whether it is among the native parts
 * @throws where a package has no license text and this folder has none for it
 */
export function noticesOf(root, folders, bpfReader) {
  return [
    '# Third-party work in Reuseport Inspector',
    'Each is used under its own license, below. Those of Electron and its components are in files of their own.',
    ...contentsOf(root, folders, bpfReader).map((notice) => section(root, notice)),
  ].join('\n\n')
}

/**
 * The same as a list of contents in CycloneDX's format (SBOM).
 * @param {string} root
 * @param {readonly string[]} folders
 * @param {boolean} bpfReader
 */
export function sbomOf(root, folders, bpfReader) {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const components = contentsOf(root, folders, bpfReader).map(({ name, version, identifier }) => ({
    type: 'library',
    name,
    ...(version && { version }),
    ...(identifier && { licenses: [{ expression: identifier }] }),
    ...(existsSync(join(root, 'node_modules', name)) && { purl: `pkg:npm/${name.replace('@', '%40')}@${version}` }),
  }))
  const metadata = { component: { type: 'application', name, version } }
  return JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata, components }, null, 2)
}

/**
 * One of each, by name.
 * @param {string} root
 * @param {readonly string[]} folders
 * @param {boolean} bpfReader
 */
function contentsOf(root, folders, bpfReader) {
  const system = ['gcc', 'glibc', ...(bpfReader ? ['libbpf', 'libelf', 'zlib'] : [])]
  const notices = [...folders.flatMap(listOf), noticeOf(root, 'node-addon-api'), ...system.map(systemNotice)]
  const one = new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]))
  return [...one.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * @param {string} folder
 * @returns {Notice[]}
 */
function listOf(folder) {
  return JSON.parse(readFileSync(join(folder, LIST), 'utf8'))
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {Notice}
 */
function noticeOf(root, name) {
  const folder = join(root, 'node_modules', name)
  const { version, license } = manifestOf(root, name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.md|\.txt)?$/i.test(entry))
  return { name, version, identifier: license ?? null, text: file ? readFileSync(join(folder, file), 'utf8') : null }
}

/**
 * @param {string} name
 * @returns {Notice}
 */
function systemNotice(name) {
  return { name, version: '', identifier: null, text: readFileSync(join(import.meta.dirname, `${name}.txt`), 'utf8') }
}

/**
 * @param {string} root
 * @param {Notice} notice
 */
function section(root, { name, version, identifier, text }) {
  const source = sourceOf(root, name)
  const from = source === null ? '' : `\n\nSource: ${source}`
  return `## ${[name, version].filter(Boolean).join(' ')}${identifier ? ` (${identifier})` : ''}${from}\n\n${(text || keptText(name, identifier)).trim()}\n`
}

/**
 * Some packages name a license and leave out its text.
 * @param {string} name
 * @param {string | null} identifier
 */
function keptText(name, identifier) {
  const path = join(import.meta.dirname, `${identifier}.txt`)
  if (!existsSync(path)) throw new Error(`${name} has no license text (${identifier}): add it as ${path}`)
  return readFileSync(path, 'utf8')
}

/**
 * Where its source is, according to its manifest; the MPL requires it.
 * @param {string} root
 * @param {string} name
 * @returns {string | null}
 */
function sourceOf(root, name) {
  if (!existsSync(join(root, 'node_modules', name))) return null
  const { repository } = manifestOf(root, name)
  const url = typeof repository === 'string' ? repository : repository?.url
  // Written for git or the package manager; readers need an address.
  const page = url
    ?.replace(/^git\+|\.git$/g, '')
    .replace(/^(ssh:\/\/)?git@([^:/]+)[:/]|^git:\/\/([^/]+)\//, 'https://$2$3/')
    .replace(/^(github:)?([\w-]+\/[\w.-]+)$/, 'https://github.com/$2')
  return page ?? null
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {{ version: string, license?: string, repository?: string | { url: string } }}
 */
function manifestOf(root, name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
}
