/** The manual pages in assets/man/ are what --help says: `npm run generate` writes them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { manPages } from '../../electron/fronts/cli/man-pages.ts'
import { buildProgram } from '../../electron/fronts/cli/program.ts'
import { aContext } from '../doubles/cli-context.ts'
import { root } from '../support/repository-files.ts'

const folder = join(root, 'assets/man')
mkdirSync(folder, { recursive: true })

/** The rows of a reference page: a term in code, and its meaning. */
function rowsOf(page: string): [string, string][] {
  const rows = readFileSync(join(root, 'assets/reference', page), 'utf8').matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)
  return [...rows].map(([, term = '', meaning = '']) => [plain(term), plain(meaning)])
}

function plain(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim()
}

const pages = manPages(buildProgram(aContext()), {
  ENVIRONMENT: rowsOf('environment.md'),
  FILES: rowsOf('files.md'),
})

test('the pages are current', async () => {
  for (const { file, text } of pages) await expect(text).toMatchFileSnapshot(join(folder, file))
  expect(readdirSync(folder).sort()).toEqual(pages.map(({ file }) => file).sort())
})

test('man finds nothing wrong in them', ({ skip }) => {
  if (spawnSync('man', ['--version']).error !== undefined) skip('needs man (Debian package man-db)')
  // As Debian's lintian calls it.
  const environment = { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' }
  const files = pages.map(({ file }) => join(folder, file))
  const { status, stderr } = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', ...files], {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 26,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
