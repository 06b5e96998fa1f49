/** The values of keys, and their tests: numbers, texts with `*`, names of a list. */
import type { Subject, Test } from './filter.ts'

export type NumberKind = {
  /** "a port", for errors. */
  readonly name: string
  readonly lowest: number
  readonly highest: number
  /** An example of a range. */
  readonly range: string
  /** Of a measured value: a bare number would almost never match. */
  readonly measured?: boolean
  /** The number that a text with this unit stands for; null if it is none. Whole numbers without it. */
  readonly read?: (text: string) => number | null
}

const WHOLE = /^\d+$/
const DECIMAL = /^\d+(?:\.\d+)?$/
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

export function readDecimal(text: string): number | null {
  return DECIMAL.test(text) ? Number(text) : null
}

/** `50%` as 50. */
export function readPercent(text: string): number | null {
  return text.endsWith('%') ? readDecimal(text.slice(0, -1)) : null
}

/** `90s`, `1m`, `2h`, `1d` and `90` in milliseconds. */
export function readSpan(text: string): number | null {
  const [, number = '', unit = 's'] = /^([\d.]+)(ms|s|m|h|d)?$/.exec(text) ?? []
  const value = readDecimal(number)
  return value === null ? null : 1000 * value * (SECONDS[unit] ?? 1)
}

/** `443`, `8000-8999`, `>16`, `>=16`, `<4`, `<=4`, `*`. A group matches with any of its numbers; null is unknown. */
export function numberTest(
  value: string,
  of: (subject: Subject) => number | null | readonly number[],
  kind: NumberKind,
): Test | string {
  const numbers = (subject: Subject) => [of(subject) ?? []].flat()
  if (value === '*') return (subject) => numbers(subject).length > 0
  const test = numberRange(value, kind)
  return typeof test === 'string' ? test : (subject) => numbers(subject).some(test)
}

function numberRange(value: string, kind: NumberKind): ((number: number) => boolean) | string {
  const { name, highest, range, measured = false } = kind
  const [from = '', to] = range.split('-')
  const [, low, high] = /^([^<>-]+)-([^<>-]+)$/.exec(value) ?? []
  const [, sign, single] = /^([<>]=?)?([^<>-]+)$/.exec(value) ?? []
  const read = (text: string | undefined) => (text === undefined ? null : readNumber(text, kind))
  const [least, most, one] = [read(low), read(high), read(single)]
  if ([least, most, one].some((number) => number !== null && number > highest)) return wrongNumber(value, kind)
  if (least !== null && most !== null) {
    if (least > most) return `The range ${value} is reversed: did you mean ${high}-${low}?`
    return (number) => number >= least && number <= most
  }
  if (one === null) return wrongNumber(value, kind)
  switch (sign) {
    case '>':
      return (number) => number > one
    case '>=':
      return (number) => number >= one
    case '<':
      return (number) => number < one
    case '<=':
      return (number) => number <= one
    default:
      return measured
        ? `“${value}” for ${name} needs a comparison: >${from}, <${to} or ${range}.`
        : (number) => number === one
  }
}

function readNumber(text: string, { read }: NumberKind): number | null {
  return read ? read(text) : WHOLE.test(text) ? Number(text) : null
}

function wrongNumber(value: string, { name, lowest, highest, range, measured = false }: NumberKind): string {
  const [from = ''] = range.split('-')
  if (measured) return `“${value}” is not ${name}: enter a comparison such as >${from}, or a range such as ${range}.`
  return `“${value}” is not ${name}: enter a number from ${lowest} to ${highest}, a range such as ${range}, or >${from}.`
}

type Where = 'whole' | 'start' | 'part'

/** Case-insensitive text; `*` matches anything. */
export function textTest(value: string, of: (subject: Subject) => readonly string[], where: Where): Test {
  const wanted = value.toLowerCase()
  const fits = value.includes('*') ? wildcard(wanted) : (text: string) => compare(text, wanted, where)
  return (subject) => of(subject).some((text) => fits(text.toLowerCase()))
}

function compare(text: string, wanted: string, where: Where): boolean {
  if (where === 'whole') return text === wanted
  return where === 'start' ? text.startsWith(wanted) : text.includes(wanted)
}

/** A test of a whole text for a pattern in which `*` stands for anything. */
export function wildcard(pattern: string): (text: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  const expression = new RegExp(`^${source}$`, 's')
  return (text) => expression.test(text)
}

/** null for one of these names; otherwise the error. */
export function unlisted(value: string, names: readonly string[], what: string): string | null {
  return names.includes(value.toLowerCase()) ? null : `“${value}” is not ${what}: use ${listed(names)}.`
}

/** The test of this name; otherwise the error. */
export function namedTest(value: string, tests: Readonly<Record<string, Test>>, what: string): Test | string {
  const test = Object.hasOwn(tests, value.toLowerCase()) ? tests[value.toLowerCase()] : undefined
  return test ?? `“${value}” is not ${what}: use ${listed(Object.keys(tests))}.`
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
