/** The notices that third-party licenses require of distributors, in one file: names, license texts, sources. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** As Vite reports each package that it bundled (`build.license`); null or empty where a package says nothing. */
type Notice = { name: string; version: string; identifier: string | null; text: string | null }

/** The file that the build of each bundle writes to its folder. */
const LIST = 'licenses.json'

/**
 * The notices of all packages in the bundles of `folders`, and of the npm packages and system libraries that are compiled
 * in. Deletes the bundles' own lists, which this file replaces. Throws where a package has no license text and this folder
 * has none for it.
 */
export function takeNotices(
  root: string,
  folders: readonly string[],
  compiledIn: { packages: readonly string[]; system: readonly string[] },
): string {
  const packages = compiledIn.packages.map((name) => noticeOf(root, name))
  const notices = [...folders.flatMap(takeList), ...packages, ...compiledIn.system.map(systemNotice)]
  const one = new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]))
  const sorted = [...one.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return [
    '# Third-party work in Reuseport Inspector',
    'Each is used under its own license, below. The licenses of Electron and its components are beside this file.',
    ...sorted.map((notice) => section(root, notice)),
  ].join('\n\n')
}

function takeList(folder: string): Notice[] {
  const path = join(folder, LIST)
  const notices = JSON.parse(readFileSync(path, 'utf8')) as Notice[]
  rmSync(path)
  return notices
}

function noticeOf(root: string, name: string): Notice {
  const folder = join(root, 'node_modules', name)
  const { version, license } = manifestOf(root, name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.md|\.txt)?$/i.test(entry))
  return { name, version, identifier: license ?? null, text: file ? readFileSync(join(folder, file), 'utf8') : null }
}

/** Of a system library, which this folder has. */
function systemNotice(name: string): Notice {
  return { name, version: '', identifier: null, text: readFileSync(join(import.meta.dirname, `${name}.txt`), 'utf8') }
}

function section(root: string, { name, version, identifier, text }: Notice): string {
  const source = sourceOf(root, name)
  const from = source === null ? '' : `\n\nSource: ${source}`
  return `## ${[name, version].filter(Boolean).join(' ')}${identifier ? ` (${identifier})` : ''}${from}\n\n${(text || keptText(name, identifier)).trim()}\n`
}

/** Some packages name a license and leave out its text. */
function keptText(name: string, identifier: string | null): string {
  const path = join(import.meta.dirname, `${identifier}.txt`)
  if (!existsSync(path)) throw new Error(`${name} has no license text (${identifier}): add it as ${path}`)
  return readFileSync(path, 'utf8')
}

/** Where its source is, according to its manifest; the MPL requires it. */
function sourceOf(root: string, name: string): string | null {
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

function manifestOf(root: string, name: string) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
    license?: string
    repository?: string | { url: string }
  }
}
