/**
 * Cuts a release: `npm run release -- VERSION`. Sets the version, dates the changelog's section, commits and tags; the
 * push of the tag starts .github/workflows/release.yml. With REPOSITORY_URL set, it also becomes `repository`, `homepage`
 * and `bugs` of package.json.
 *
 * Refuses a version that is not newer or has a tag, a changelog without entries, and a working tree with changes.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

function refuse(sentence) {
  console.error(`release: ${sentence}`)
  process.exit(1)
}

const version = process.argv[2] ?? ''
if (!/^\d+\.\d+\.\d+$/.test(version)) refuse(`'${version}' is not a version: npm run release -- 0.2.0`)
if (git('status', '--porcelain') !== '') refuse('the working tree has changes: commit or stash them first.')

const packageFile = resolve(root, 'package.json')
const manifest = JSON.parse(readFileSync(packageFile, 'utf8'))
const numbers = (text) => text.split('.').map(Number)
const [next, current] = [numbers(version), numbers(manifest.version)]
const firstDifference = next.findIndex((number, index) => number !== current[index])
if (firstDifference === -1 || next[firstDifference] < current[firstDifference]) {
  refuse(`${version} is not newer than ${manifest.version}.`)
}
if (git('tag', '--list', `v${version}`) !== '') refuse(`the tag v${version} exists.`)

const changelogFile = resolve(root, 'CHANGELOG.md')
const changelog = readFileSync(changelogFile, 'utf8')
const unreleased = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog)
if (!unreleased?.[1]?.includes('- ')) refuse('CHANGELOG.md has nothing under "## Unreleased".')

const npm = (...args) => execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
npm('version', version, '--no-git-tag-version', '--ignore-scripts')
const url = process.env.REPOSITORY_URL?.replace(/\/$/, '')
if (url) npm('pkg', 'set', `homepage=${url}`, `repository.url=git+${url}.git`, `bugs.url=${url}/issues`)

const today = new Date().toISOString().slice(0, 10)
writeFileSync(changelogFile, changelog.replace('## Unreleased\n', `## Unreleased\n\n## ${version} - ${today}\n`))

git('add', 'package.json', 'package-lock.json', 'CHANGELOG.md')
git('commit', '--quiet', '--message', `Release ${version}`)
git('tag', '--annotate', `v${version}`, '--message', version)
console.log(`Tagged v${version}. Publish it with: git push --follow-tags`)
