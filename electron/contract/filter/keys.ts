/** The keys of the filter language: their meaning, values and tests. */
import { notableRatio } from '../imbalance.ts'
import { isFull, isNearlyFull, utilization } from '../utilization.ts'
import { SHARINGS } from '../values.ts'
import { plainTexts, type Subject, type Test } from './filter.ts'
import { namedTest, numberTest, readDecimal, readPercent, readSpan, textTest, unlisted, wildcard } from './values.ts'

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

const STATES: Record<string, Test> = {
  trouble: ({ trouble }) => trouble.severity === 'critical' || trouble.severity === 'warning',
  full: ({ row }) => row.fullest !== null && isFull(...loadOf(row)),
  'nearly-full': ({ row }) => row.fullest !== null && isNearlyFull(...loadOf(row)),
  dropping: ({ row }) => (row.dropsPerSecond ?? 0) > 0,
}

const UNKNOWNS: Record<string, Test> = {
  owners: ({ row }) => row.ownersHidden > 0,
  user: ({ row }) => row.user === null,
  sharing: ({ row }) => row.sharing === 'unknown',
  queue: ({ row }) => row.fullest === null || row.fullest.limit === null,
  drops: ({ row }) => row.drops === null,
}

const DECIMAL = { measured: true, read: readDecimal } as const

/** The values of a key that are numbers: none are offered as completions. */
function numbers(of: Parameters<typeof numberTest>[1], kind: Parameters<typeof numberTest>[2]) {
  return { test: (value: string) => numberTest(value, of, kind), values: () => [] }
}

/** A name that is compared as a whole; null: a group without one. */
function names(of: (group: Parameters<Key['values']>[0]) => string | null): Pick<Key, 'test' | 'values'> {
  const values: Key['values'] = (group) => {
    const name = of(group)
    return name === null ? [] : [name]
  }
  return { test: (value) => textTest(value, values, 'whole'), values }
}

export const KEYS: readonly Key[] = [
  {
    name: 'port',
    meaning: 'a port, or a range of ports',
    example: 'port:8000-8999',
    test: (value) =>
      numberTest(value, ({ row }) => row.port, { name: 'a port', lowest: 0, highest: 65_535, range: '8000-8999' }),
    values: ({ row }) => [String(row.port)],
  },
  {
    name: 'proto',
    meaning: 'protocol, with or without the IP version',
    example: 'proto:udp6',
    test: (value) =>
      unlisted(value, PROTOCOLS, 'a protocol') ??
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
    name: 'unit',
    meaning: 'systemd unit or container of the owners, or its beginning',
    example: 'unit:nginx.service',
    test: (value) => textTest(value, servicesOf, 'start'),
    values: servicesOf,
  },
  {
    name: 'pid',
    meaning: 'process that holds a member',
    example: 'pid:1234',
    ...numbers(({ row }) => row.pids, { name: 'a pid', lowest: 1, highest: 4_194_304, range: '1000-1999' }),
  },
  {
    name: 'user',
    meaning: 'user of the sockets',
    example: 'user:www-data',
    ...names(({ row }) => row.user),
  },
  {
    name: 'uid',
    meaning: 'user of the sockets, by number',
    example: 'uid:33',
    test: (value) =>
      numberTest(value, ({ row }) => row.uid, {
        name: 'a uid',
        lowest: 0,
        highest: 0xffff_ffff,
        range: '1000-1999',
      }),
    values: ({ row }) => (row.uid === null ? [] : [String(row.uid)]),
  },
  {
    name: 'sharing',
    meaning: 'how the port is shared',
    example: 'sharing:reuseport',
    test: (value) =>
      unlisted(value, SHARINGS, 'a kind of sharing') ?? (({ row }) => row.sharing === value.toLowerCase()),
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
    ...names(({ row }) => row.interface),
  },
  {
    name: 'members',
    meaning: 'number of receiving members',
    example: 'members:>16',
    ...numbers(({ row }) => row.receiving, { name: 'a number', lowest: 0, highest: 1e9, range: '2-16' }),
  },
  {
    name: 'queue',
    meaning: 'the fullest queue: connections or bytes, or percent of its limit',
    example: 'queue:>50%',
    test: (value) =>
      value.includes('%')
        ? numberTest(value, ({ row }) => percentOf(row), {
            name: 'a part of the limit',
            lowest: 0,
            highest: 1e6,
            range: '50%-100%',
            measured: true,
            read: readPercent,
          })
        : numberTest(value, ({ row }) => row.fullest?.length ?? null, {
            name: 'a queue',
            lowest: 0,
            highest: 1e12,
            range: '100-500',
          }),
    values: () => [],
  },
  {
    name: 'drops',
    meaning: 'drops per second',
    example: 'drops:>0',
    ...numbers(({ row }) => row.dropsPerSecond, {
      name: 'a rate',
      lowest: 0,
      highest: 1e9,
      range: '0-100',
      ...DECIMAL,
    }),
  },
  {
    name: 'rate',
    meaning: 'connections or datagrams given per second, where they are counted (BPF)',
    example: 'rate:>10',
    ...numbers(({ row }) => row.given?.perSecond ?? null, {
      name: 'a rate',
      lowest: 0,
      highest: 1e9,
      range: '10-100',
      ...DECIMAL,
    }),
  },
  {
    name: 'imbalance',
    meaning: 'the busiest member divided by the mean, of what was given or else of queues; 1 within chance',
    example: 'imbalance:>1.5',
    ...numbers(({ row }) => notableRatio(row.imbalance), {
      name: 'a ratio',
      lowest: 1,
      highest: 1e6,
      range: '1.5-4',
      ...DECIMAL,
    }),
  },
  {
    name: 'age',
    meaning: 'time since the group was first seen',
    example: 'age:<1m',
    ...numbers(ageOf, {
      name: 'a time',
      lowest: 0,
      highest: 1e15,
      range: '1m-2h',
      measured: true,
      read: readSpan,
    }),
  },
  {
    name: 'is',
    meaning: 'current trouble',
    example: 'is:trouble',
    test: (value) => namedTest(value, STATES, 'a state'),
    values: (subject) => Object.keys(STATES).filter((name) => STATES[name]?.(subject)),
  },
  {
    name: 'finding',
    meaning: 'findings, except muted ones',
    example: 'finding:*',
    test: (value) => textTest(value, unmutedCodes, 'start'),
    values: (subject) => {
      const codes = unmutedCodes(subject)
      return codes.length > 0 ? ['*', ...codes] : []
    },
  },
  {
    name: 'unknown',
    meaning: 'what could not be read',
    example: 'unknown:owners',
    test: (value) => namedTest(value, UNKNOWNS, 'something that can be unknown'),
    values: (subject) => Object.keys(UNKNOWNS).filter((name) => UNKNOWNS[name]?.(subject)),
  },
]

export function keyNamed(name: string): Key | undefined {
  return KEYS.find((key) => key.name === name)
}

/** Plain text: matches any column; with `*`, the whole text of one: `ngin*`, `*:443`, `127.0.0.1:84*`. */
export function plainTest(value: string): Test {
  const wanted = value.toLowerCase()
  if (!value.includes('*')) return (subject) => plainTexts(subject).join(' ').includes(wanted)
  const fits = wildcard(wanted)
  return (subject) => plainTexts(subject).some(fits)
}

function loadOf({ fullest, queue, dropsPerSecond }: Subject['row']): Parameters<typeof isFull> {
  return [{ length: null, limit: null, ...fullest, unit: queue.unit }, (dropsPerSecond ?? 0) > 0]
}

function percentOf({ fullest }: Subject['row']): number | null {
  const thousandths = utilization(fullest)
  return thousandths < 0 ? null : thousandths / 10
}

function ageOf({ row, takenAt }: Subject): number | null {
  return row.firstSeenAt === null ? null : takenAt - Date.parse(row.firstSeenAt)
}

function servicesOf({ row }: Subject): string[] {
  return row.owners.flatMap(({ service }) => (service === null ? [] : [service]))
}

function unmutedCodes({ findings }: Subject): string[] {
  return findings.filter(({ muted }) => !muted).map(({ code }) => code)
}
