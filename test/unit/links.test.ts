/** Every relative link in a document leads to a file, and every anchor to a heading. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import MarkdownIt, { type Token } from 'markdown-it'
import { expect, it } from 'vitest'
import { repositoryFiles, root } from '../support/repository-files.ts'

const markdown = new MarkdownIt({ html: true, linkify: false })
/** Code that names a file of the repository: `electron/contract/model.ts`, `test/kernels/`. */
const PATH = /^(assets|electron|native|renderer|test)\/[\w./-]+$/

type Reference = { line: number; target: string }

/** All tokens, each with the line on which its block begins. */
function tokensOf(text: string): { token: Token; line: number }[] {
  return markdown.parse(text, {}).flatMap((block) => {
    const line = (block.map?.[0] ?? 0) + 1
    return [{ token: block, line }, ...(block.children ?? []).map((token) => ({ token, line }))]
  })
}

function linksOf(text: string): Reference[] {
  return tokensOf(text).flatMap(({ token, line }) => {
    const target = token.attrGet('href') ?? token.attrGet('src')
    if (target !== null) return [{ line, target: String(target) }]
    if (!token.type.startsWith('html_')) return []
    return [...token.content.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, found = '']) => ({ line, target: found }))
  })
}

/** The anchors that GitHub gives the headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  const tokens = markdown.parse(text, {})
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue
    const heading = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join('')
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    let anchor = slug
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`
    anchors.add(anchor)
  }
  return anchors
}

/** What is wrong with a link in the document at `from`; null where it resolves. */
function brokenLink(from: string, target: string): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return null
  const [path = '', anchor] = decodeURI(target).split('#')
  const file = path === '' ? from : normalize(join(dirname(from), path))
  if (file.startsWith('..') || !existsSync(join(root, file))) return `there is no ${file}`
  if (anchor === undefined) return null
  if (!file.endsWith('.md')) return `${file} is not Markdown and has no anchors`
  return anchorsOf(readFileSync(join(root, file), 'utf8')).has(anchor) ? null : `${file} has no heading #${anchor}`
}

function documents(): { path: string; text: string }[] | null {
  const files = repositoryFiles()?.filter((path) => path.endsWith('.md')) ?? null
  return files?.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })) ?? null
}

it('resolves every relative link of a document', ({ skip }) => {
  const all = documents()
  if (all === null) return skip('this is not a git checkout')
  const links = all.flatMap(({ path, text }) => linksOf(text).map((link) => ({ path, ...link })))
  expect(links.length).toBeGreaterThan(0)
  const broken = links.flatMap(({ path, line, target }) => {
    const problem = brokenLink(path, target)
    return problem === null ? [] : [`${path}:${line}: ${target}: ${problem}`]
  })
  expect(broken).toEqual([])
})

it('finds every path that a document names as code', ({ skip }) => {
  const all = documents()
  if (all === null) return skip('this is not a git checkout')
  const missing = all.flatMap(({ path, text }) =>
    tokensOf(text)
      .filter(({ token }) => token.type === 'code_inline' && PATH.test(token.content))
      .filter(({ token }) => !existsSync(join(root, token.content)))
      .map(({ token, line }) => `${path}:${line}: there is no ${token.content}`),
  )
  expect(missing).toEqual([])
})

it('notices a link to a missing file, a missing heading, or outside the repository', () => {
  expect(brokenLink('README.md', 'nothing.md')).toBe('there is no nothing.md')
  expect(brokenLink('README.md', 'SECURITY.md#nothing')).toBe('SECURITY.md has no heading #nothing')
  expect(brokenLink('README.md', '../x')).toBe('there is no ../x')
  expect(brokenLink('README.md', 'https://example.org/x')).toBeNull()
})

it('makes anchors as GitHub does', () => {
  expect([...anchorsOf('# Quick start\n## `a`: b & c\n## Quick start\n')]).toEqual([
    'quick-start',
    'a-b--c',
    'quick-start-1',
  ])
})
