/** All stylesheets are loaded together: a class styled in two folders has two meanings at once. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../../renderer')
const files = readdirSync(root, { recursive: true }).map(String)
/** Stylesheets shared by all screens. */
const isShared = (sheet: string) => sheet.startsWith('ui/') && sheet !== 'ui/page.css'
const roomOf = (file: string) => file.replace(/^features\//, '').split('/')[0] ?? ''

/** The classes that a stylesheet styles globally: those of the first part of each selector, which scopes the rest. */
function scopesOf(file: string): string[][] {
  const css = readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\([^()]*\)/g, '')
  return [...css.matchAll(/(?:^|[{};])\s*([^{};@]+)\{/g)].flatMap(([, selectors = '']) =>
    selectors.split(',').flatMap((selector) => {
      const first = /^[^\s>+~]*/.exec(selector.trim())?.[0] ?? ''
      const classes = [...first.matchAll(/\.([a-z][a-z0-9-]*)/g)].map(([, name = '']) => name)
      return classes.length > 0 ? [classes] : []
    }),
  )
}

/** Literal class names of the components in a file. */
function given(file: string): Set<string> {
  const text = readFileSync(join(root, file), 'utf8')
  const found = new Set<string>()
  for (const [, braces = '', plain = ''] of text.matchAll(/className=(?:\{([^}]*)\}|"([^"]*)")/g)) {
    const quoted = [...braces.matchAll(/['"`]([^'"`]*)['"`]/g)].map(([, words = '']) => words)
    for (const word of [plain, ...quoted].join(' ').split(/[\s${}]+/)) if (word !== '') found.add(word)
  }
  return found
}

test('no folder styles a class used by a component of another folder, unless that one imports the stylesheet', () => {
  const collisions = new Set<string>()
  const components = files
    .filter((file) => file.endsWith('.tsx'))
    .map((file) => ({ file, classes: given(file), text: readFileSync(join(root, file), 'utf8') }))
  for (const sheet of files.filter((file) => file.endsWith('.css') && !isShared(file))) {
    for (const scope of scopesOf(sheet)) {
      for (const { file, classes, text } of components) {
        if (roomOf(file) === roomOf(sheet) || text.includes(`/${sheet}'`)) continue
        if (scope.every((name) => classes.has(name))) collisions.add(`.${scope.join('.')} of ${sheet} in ${file}`)
      }
    }
  }
  expect([...collisions]).toEqual([])
})
