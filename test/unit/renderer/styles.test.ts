/**
 * The classes of the page, as its bundler sees them. `npm run generate` writes their types, which these tests keep equal to
 * the stylesheets: a misspelled class does not compile.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { preprocessCSS, resolveConfig } from 'vite'
import { beforeAll, expect, test } from 'vitest'

const REPOSITORY = resolve(import.meta.dirname, '../../..')
const ROOT = join(REPOSITORY, 'renderer')
const files = readdirSync(ROOT, { recursive: true }).map(String).sort()
const modules = files.filter((file) => file.endsWith('.module.css'))
const components = files.filter((file) => file.endsWith('.tsx')).map((file) => ({ file, text: read(file) }))
/** The classes of each module. */
const classes = new Map<string, string[]>()

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

beforeAll(async () => {
  const config = await resolveConfig({ configFile: join(REPOSITORY, 'vite.renderer.config.ts') }, 'build')
  for (const file of modules) {
    const text = read(file)
    const { modules: names = {} } = await preprocessCSS(text, join(ROOT, file), config)
    classes.set(
      file,
      Object.keys(names)
        .filter((name) => !text.includes(`@keyframes ${name} `))
        .sort(),
    )
  }
})

/** The components that import a module, each with the name that it has there. */
function usersOf(module: string): { file: string; text: string; name: string }[] {
  return components.flatMap(({ file, text }) =>
    [...text.matchAll(/^import (\w+) from '(.+\.module\.css)'$/gm)]
      .filter(([, , path = '']) => join(file, '..', path) === module)
      .map(([, name = '']) => ({ file, text, name })),
  )
}

test('renderer/styles.generated.d.ts lists the classes of every module', async () => {
  const types = modules.map((file) => {
    const names = classes.get(file)?.map((name) => `    readonly ${name}: string\n`)
    return `declare module '*/${basename(file)}' {\n  const css: {\n${names?.join('')}  }\n  export default css\n}\n`
  })
  const head = '/** Written by `npm run generate`. The last one is for stylesheets without classes. */\n\n'
  await expect(`${head}${types.join('')}declare module '*.css' {}\n`).toMatchFileSnapshot(
    '../../../renderer/styles.generated.d.ts',
  )
})

test('every module has a name of its own, so that its classes have', () => {
  expect(new Set(modules.map((file) => basename(file))).size).toBe(modules.length)
})

test('a module that has the name of a component is of that component only', () => {
  const others = modules.flatMap((module) => {
    const own = module.replace('.module.css', '.tsx')
    return existsSync(join(ROOT, own)) ? usersOf(module).filter(({ file }) => file !== own) : []
  })
  expect(others.map(({ file, name }) => `${file}: ${name}`)).toEqual([])
})

test('no component names a class that is in no module', () => {
  const literal = components.flatMap(({ file, text }) =>
    [...text.matchAll(/className=(?:"|\{['`])[^>\n]*/g)].map(([line]) => `${file}: ${line}`),
  )
  expect(literal).toEqual([])
})

test('every class is used', () => {
  const unused = modules.flatMap((module) => {
    const users = usersOf(module)
    const isUsed = (name: string) =>
      users.some(
        (user) =>
          new RegExp(`\\b${user.name}\\.${name}\\b`).test(user.text) ||
          // Chosen by a value that the component names.
          (user.text.includes(`${user.name}[`) && new RegExp(`'${name}'|\\b${name}:`).test(user.text)),
      )
    return (classes.get(module) ?? []).filter((name) => !isUsed(name)).map((name) => `${module}: ${name}`)
  })
  expect(unused).toEqual([])
})

test('colors, text sizes, weights, corners, layers and steps of space are tokens', () => {
  const steps = new Set([...read('ui/tokens.css').matchAll(/--space-\d+: ([^;]+);/g)].map(([, rem]) => rem))
  const isToken = (value: string) => /^(var\(--[\w-]+\)|calc\([^)]*var\(--[\w-]+\)[^)]*\)|inherit|0|50%)$/.test(value)
  const literal = [...modules, 'ui/base.css'].flatMap((file) =>
    [...read(file).matchAll(/^ *([a-z-]+): ([^;{}]+);$/gm)]
      .filter(([, property = '', value = '']) => {
        if (/#[0-9a-f]{3,8}\b|\b(oklch|rgb|hsl)\(/.test(value)) return true
        if (/(^|-)color$|^(background|fill|stroke)$/.test(property)) {
          return !/var\(|^(none|transparent|inherit|currentColor)$/.test(value)
        }
        if (/^(font-size|font-weight|border-radius|z-index)$/.test(property)) {
          return !value.split(/ (?![^(]*\))/).every(isToken)
        }
        return /^(margin|padding|gap|(row|column)-gap)/.test(property) && value.split(' ').some((one) => steps.has(one))
      })
      .map(([line]) => `${file}: ${line.trim()}`),
  )
  expect(literal).toEqual([])
})
