/** Values from a schema of the contract: valid, nearly valid and hostile; reproducible for the same numbers. */
import type { z } from 'zod'

export type Choose = (below: number) => number

/** Reproducible numbers for a seed (mulberry32). */
export function numbers(seed: number): Choose {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Values that no schema expects. Own `__proto__` keys come from JSON.parse, as from a page. */
export const HOSTILE: readonly unknown[] = [
  null,
  undefined,
  '',
  '\0',
  'x'.repeat(5000),
  '../../../../etc/passwd',
  '/dev/stdin',
  '$(reboot)',
  '\u001b]0;title\u0007\u202e',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
  -1,
  -0,
  0.5,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  4_294_967_296,
  123456789012345678901234567890n,
  true,
  [],
  [[[[[[]]]]]],
  new Array(1001).fill(1),
  {},
  { length: 1e9 },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  new Date(Number.NaN),
  new Map([['a', new Set([1])]]),
]

const TEXTS = [
  'a',
  'web',
  '0123456789abcdef',
  '3fa9c1d200000001',
  '0123456789abcdef0123456789abcdef',
  '00000000-0000-4000-8000-000000000000',
  '4026531840',
  '1000',
  'nobody',
  '127.0.0.1',
  '127.0.0.53',
  '::1',
  '0.0.0.0',
  '::ffff:127.0.0.1',
  '8.8.8.8',
  'fe80::1%lo',
  '127.0.0.1:443',
  'lo',
  '2026-01-01T00:00:00.000Z',
  'aGVsbG8=',
]
const NUMBERS = [0, 1, 2, 3, 8, 64, 80, 100, 443, 1000, 1024, 4096, 9000, 40_000, 65_535, 100_000, 10_000_000, 0.5, 90]

const fitting = new WeakMap<z.core.$ZodType, readonly unknown[]>()

/** The values that the schema accepts; all of them where it accepts none. */
function thatFit(schema: z.core.$ZodType, values: readonly unknown[]): readonly unknown[] {
  let fit = fitting.get(schema)
  if (fit === undefined) {
    fit = values.filter((value) => (schema as z.ZodType).safeParse(value).success)
    if (fit.length === 0) fit = values
    fitting.set(schema, fit)
  }
  return fit
}

/** A value for the schema. One in `wildness` of its parts is hostile; none if 0. */
export function valueFor(schema: z.core.$ZodType, choose: Choose, wildness: number): unknown {
  const one = (values: readonly unknown[]) => values[choose(values.length)]
  const of = (inner: z.core.$ZodType) => valueFor(inner, choose, wildness)
  if (wildness > 0 && choose(wildness) === 0) return one(HOSTILE)
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      const made: Record<string, unknown> = {}
      for (const [key, inner] of Object.entries(def.shape)) {
        const value = of(inner)
        if (value !== undefined) made[key] = value
      }
      if (wildness > 0 && choose(wildness) === 0) made[choose(2) === 0 ? 'more' : 'constructor'] = one(HOSTILE)
      return made
    }
    case 'tuple':
      return def.items.map(of)
    case 'array':
      return Array.from({ length: choose(4) }, () => of(def.element))
    case 'record':
      return Object.fromEntries(Array.from({ length: choose(3) }, () => [String(of(def.keyType)), of(def.valueType)]))
    case 'union':
      return of(one(def.options) as z.core.$ZodType)
    case 'optional':
    case 'default':
      return choose(2) === 0 ? undefined : of(def.innerType)
    case 'nullable':
      return choose(2) === 0 ? null : of(def.innerType)
    case 'enum':
      return one(Object.values(def.entries))
    case 'literal':
      return one(def.values)
    case 'boolean':
      return choose(2) === 0
    case 'null':
      return null
    case 'number':
      return one(thatFit(schema, NUMBERS))
    case 'string':
      return one(thatFit(schema, TEXTS))
    default:
      throw new Error(`there are no values for a schema of type ${def.type}`)
  }
}
