/** The keys of the filter language: their meaning, values and tests. */
import { isFullest, isNearlyFullest } from '../groups/severity.ts'
import { plainText, type Subject, type Test } from './filter.ts'

export type Key = {
  name: string
  /** For the completion list and the help, without a period. */
  meaning: string
  example: string
  /** The test for a value, or an error as a sentence. */
  test(value: string): Test | string
  /** Values of a group, offered as completions. */
  values(subject: Subject): string[]
}

const PROTOCOLS = ['tcp', 'udp', 'tcp4', 'tcp6', 'udp4', 'udp6']
const SHARINGS = ['reuseport', 'reuseaddr', 'inherited', 'none', 'unknown']

const STATES: Record<string, Test> = {
  trouble: ({ trouble }) => trouble.severity === 'critical' || trouble.severity === 'warning',
  full: ({ row }) => isFullest(row),
  'nearly-full': ({ row }) => isNearlyFullest(row),
  dropping: ({ row }) => (row.dropsPerSecond ?? 0) > 0,
}

const UNKNOWNS: Record<string, Test> = {
  owners: ({ row }) => row.ownersHidden > 0,
  user: ({ row }) => row.user === null,
  sharing: ({ row }) => row.sharing === 'unknown',
  queue: ({ row }) => row.fullest === null || row.fullest.limit === null,
  drops: ({ row }) => row.drops === null,
}

export const KEYS: readonly Key[] = [
  {
    name: 'port',
    meaning: 'a port, or a range of ports',
    example: 'port:8000-8999',
    test: (value) => numberTest(value, ({ row }) => row.port, { name: 'a port', lowest: 0, highest: 65_535 }),
    values: ({ row }) => [String(row.port)],
  },
  {
    name: 'proto',
    meaning: 'protocol, with or without the IP version',
    example: 'proto:udp6',
    test: (value) =>
      oneOf(value, PROTOCOLS, 'a protocol') ??
      (({ row }) => `${row.protocol}${row.family === 'ipv4' ? 4 : 6}`.startsWith(value.toLowerCase())),
    values: ({ row }) => [row.protocol, `${row.protocol}${row.family === 'ipv4' ? 4 : 6}`],
  },
  {
    name: 'address',
    meaning: 'the local address, or its beginning',
    example: 'address:10.20.',
    test: (value) => textTest(value, ({ row }) => [row.address], 'start'),
    values: ({ row }) => [row.address],
  },
  {
    name: 'owner',
    meaning: 'program or service that holds a member',
    example: 'owner:nginx',
    test: (value) =>
      textTest(
        value,
        ({ row }) => row.owners.flatMap((o) => (o.service ? [o.command, o.service] : [o.command])),
        'part',
      ),
    values: ({ row }) => row.owners.map(({ command }) => command),
  },
  {
    name: 'user',
    meaning: 'user of the sockets',
    example: 'user:www-data',
    test: (value) => textTest(value, ({ row }) => (row.user === null ? [] : [row.user]), 'whole'),
    values: ({ row }) => (row.user === null ? [] : [row.user]),
  },
  {
    name: 'uid',
    meaning: 'user of the sockets, by number',
    example: 'uid:33',
    test: (value) => numberTest(value, ({ row }) => row.uid, { name: 'a uid', lowest: 0, highest: 0xffff_ffff }),
    values: ({ row }) => (row.uid === null ? [] : [String(row.uid)]),
  },
  {
    name: 'sharing',
    meaning: 'how the port is shared',
    example: 'sharing:reuseport',
    test: (value) => oneOf(value, SHARINGS, 'a kind of sharing') ?? (({ row }) => row.sharing === value.toLowerCase()),
    values: ({ row }) => [row.sharing],
  },
  {
    name: 'netns',
    meaning: 'network namespace, by name or inode',
    example: 'netns:host',
    test: (value) => textTest(value, ({ row, namespace }) => [namespace, String(row.netns)], 'whole'),
    values: ({ namespace }) => [namespace],
  },
  {
    name: 'interface',
    meaning: 'interface the sockets are bound to',
    example: 'interface:eth0',
    test: (value) => textTest(value, ({ row }) => (row.interface === null ? [] : [row.interface]), 'whole'),
    values: ({ row }) => (row.interface === null ? [] : [row.interface]),
  },
  {
    name: 'members',
    meaning: 'number of receiving members',
    example: 'members:>16',
    test: (value) => numberTest(value, ({ row }) => row.receiving, { name: 'a number', lowest: 0, highest: 1e9 }),
    values: () => [],
  },
  {
    name: 'is',
    meaning: 'current trouble',
    example: 'is:trouble',
    test: (value) => named(value, STATES, 'a state'),
    values: (subject) => Object.keys(STATES).filter((name) => STATES[name]?.(subject)),
  },
  {
    name: 'finding',
    meaning: 'findings, except muted ones',
    example: 'finding:*',
    test: (value) => textTest(value, heardCodes, 'start'),
    values: (subject) => {
      const codes = heardCodes(subject)
      return codes.length > 0 ? ['*', ...codes] : []
    },
  },
  {
    name: 'unknown',
    meaning: 'what could not be read',
    example: 'unknown:owners',
    test: (value) => named(value, UNKNOWNS, 'something that can be unknown'),
    values: (subject) => Object.keys(UNKNOWNS).filter((name) => UNKNOWNS[name]?.(subject)),
  },
]

export function keyNamed(name: string): Key | undefined {
  return KEYS.find((key) => key.name === name)
}

/** Plain text: matches any column. */
export function plainTest(value: string): Test {
  const wanted = value.toLowerCase()
  return (subject) => plainText(subject).includes(wanted)
}

function heardCodes({ findings }: Subject): string[] {
  return findings.filter(({ muted }) => !muted).map(({ code }) => code)
}

type Bounds = { name: string; lowest: number; highest: number }

/** `443`, `8000-8999`, `>16`, `>=16`, `<4`, `<=4`, `*`. */
function numberTest(value: string, of: (subject: Subject) => number | null, bounds: Bounds): Test | string {
  const { name, lowest, highest } = bounds
  if (value === '*') return (subject) => of(subject) !== null
  const wrong = `“${value}” is not ${name}: enter a number from ${lowest} to ${highest}, a range such as 8000-8999, or >16.`
  const parts = /^(?:(\d+)-(\d+)|([<>]=?)?(\d+))$/.exec(value)
  if (!parts) return wrong
  const [, from, to, sign, single] = parts
  if ([from, to, single].some((text) => text !== undefined && Number(text) > highest)) return wrong
  if (from !== undefined && to !== undefined) {
    const [low, high] = [Number(from), Number(to)]
    if (low > high) return `The range ${value} is reversed: did you mean ${high}-${low}?`
    return (subject) => inRange(of(subject), low, high)
  }
  const number = Number(single)
  const low = sign === '>' ? number + 1 : sign === '<' || sign === '<=' ? Number.NEGATIVE_INFINITY : number
  const high = sign === '<' ? number - 1 : sign === '>' || sign === '>=' ? Number.POSITIVE_INFINITY : number
  return (subject) => inRange(of(subject), low, high)
}

function inRange(number: number | null, low: number, high: number): boolean {
  return number !== null && number >= low && number <= high
}

/** Case-insensitive text; `*` matches anything. */
function textTest(value: string, of: (subject: Subject) => string[], where: 'whole' | 'start' | 'part'): Test {
  const wanted = value.toLowerCase()
  const fits = value.includes('*') ? wildcard(wanted) : (text: string) => compare(text, wanted, where)
  return (subject) => of(subject).some((text) => fits(text.toLowerCase()))
}

function compare(text: string, wanted: string, where: 'whole' | 'start' | 'part'): boolean {
  if (where === 'whole') return text === wanted
  return where === 'start' ? text.startsWith(wanted) : text.includes(wanted)
}

function wildcard(pattern: string): (text: string) => boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  const expression = new RegExp(`^${source}$`, 's')
  return (text) => expression.test(text)
}

function oneOf(value: string, names: readonly string[], what: string): string | null {
  return names.includes(value.toLowerCase()) ? null : `“${value}” is not ${what}: use ${listed(names)}.`
}

function named(value: string, tests: Record<string, Test>, what: string): Test | string {
  const test = Object.hasOwn(tests, value.toLowerCase()) ? tests[value.toLowerCase()] : undefined
  return test ?? `“${value}” is not ${what}: use ${listed(Object.keys(tests))}.`
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
