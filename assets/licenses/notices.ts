/** What others' licences ask of whoever passes their work on: names, texts and where the source is, in one file. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** As Vite tells of each package that it bundled (`build.license`); null and empty where a package says nothing. */
type Notice = { name: string; version: string; identifier: string | null; text: string | null }

/** The file that each bundle's build leaves in its folder. */
const LIST = 'licenses.json'

/**
 * The notices of all packages in the bundles of `folders`, and of `packages` that are shipped as they are or compiled
 * in. The bundles' own lists are taken away: this is where they went. Throws where a package has no text of its licence
 * and none is kept here for it.
 */
export function takeNotices(root: string, folders: readonly string[], packages: readonly string[]): string {
  const notices = [...folders.flatMap(takeList), ...packages.map((name) => noticeOf(root, name))]
  const one = new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]))
  const sorted = [...one.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return [
    '# Works of others in Reuseport Inspector',
    "Each is used under its own licence, which follows. Electron's own, and those of what it holds, lie beside this file.",
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

function section(root: string, { name, version, identifier, text }: Notice): string {
  const source = sourceOf(root, name)
  const from = source === null ? '' : `\n\nSource: ${source}`
  return `## ${name} ${version}${identifier ? ` (${identifier})` : ''}${from}\n\n${(text || keptText(name, identifier)).trim()}\n`
}

/** Some packages name a licence and leave its text out. */
function keptText(name: string, identifier: string | null): string {
  const path = join(import.meta.dirname, `${identifier}.txt`)
  if (!existsSync(path)) throw new Error(`${name} has no text of its licence (${identifier}): put it into ${path}`)
  return readFileSync(path, 'utf8')
}

/** Where its source is, by its own word; the MPL asks for it. */
function sourceOf(root: string, name: string): string | null {
  if (!existsSync(join(root, 'node_modules', name))) return null
  const { repository } = manifestOf(root, name)
  const url = typeof repository === 'string' ? repository : repository?.url
  // Written as git or the package manager takes it; people want an address.
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
