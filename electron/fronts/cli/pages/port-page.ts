/** The page of `port`. */
import type { PortBind, PortHolder, PortUse } from '../../../contract/analysis.ts'
import type { Namespace } from '../../../contract/model.ts'
import { endpoint, formatCount, namespaceName, needsNamespaceColumn } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line } from '../text.ts'
import { sentences } from './probe-page.ts'

/** `namespaces`: the namespaces of the machine, for their names. */
export function portPage(use: PortUse, namespaces: readonly Namespace[], columns: number): Line[] {
  const { port, holders } = use
  const places = [...use.holders, ...use.binds].map(({ netns }) => netns)
  const nameOf = needsNamespaceColumn(places, namespaces) ? (netns: number) => namespaceName(netns, namespaces) : null
  const layout: Column<PortHolder>[] = [
    { title: 'PROTO', priority: 70, cell: ({ protocol, family }) => `${protocol}${family === 'ipv6' ? '6' : '4'}` },
    { title: 'STATE', priority: 90, cell: ({ state }) => state },
    { title: 'LOCAL', priority: 100, cell: ({ address }) => endpoint({ address, port, interface: null }) },
    {
      title: 'PEER',
      priority: 80,
      cell: ({ remote }) => (remote === null ? '–' : endpoint({ ...remote, interface: null })),
    },
    { title: 'OWNERS', priority: 95, shrinkTo: 12, cell: ownersText },
    { title: 'USER', priority: 60, cell: ({ user }) => user ?? '–' },
    ...(nameOf === null ? [] : [{ title: 'NETNS', priority: 50, cell: ({ netns }: PortHolder) => nameOf(netns) }]),
    { title: 'GROUP', priority: 40, cell: ({ group }) => group?.slice(0, 8) ?? '–' },
  ]
  const width = Math.min(columns, 100)
  const omitted = use.omitted === 0 ? [] : [`And ${formatCount(use.omitted)} more.`]
  return [
    ...(holders.length === 0 ? [] : [...table(layout, holders, columns), line('')]),
    ...sentences([use.summary, ...omitted, ...use.limitations, ...bindSentences(use.binds, nameOf)], width),
  ]
}

function ownersText({ holders, state }: PortHolder): string {
  if (holders === null) return state === 'time-wait' ? '–' : 'unknown'
  return holders.map(({ command, pid }) => `${command} ${pid}`).join(', ')
}

const OPTIONS: Readonly<Record<PortBind['option'], string>> = {
  none: 'without options',
  SO_REUSEADDR: 'with SO_REUSEADDR',
  SO_REUSEPORT: 'with SO_REUSEPORT',
}

const UNKNOWN: readonly [PortBind['unknownBecause'], string][] = [
  ['options', 'the options of the sockets that use it are not readable'],
  ['unchecked', 'a socket that is not checked could use it'],
  ['privilege', 'whether this user may bind a port this low could not be read'],
]

/** One sentence per protocol: which binds succeed, which fail, and which are unknown, and why. */
function bindSentences(binds: readonly PortBind[], nameOf: ((netns: number) => string) | null): string[] {
  // Each namespace and protocol has three, one per option.
  const places = binds.filter(({ option }) => option === 'none')
  return places.map((first) => {
    const of = binds.filter(({ netns, protocol }) => netns === first.netns && protocol === first.protocol)
    const named = (outcome: boolean) =>
      of.filter(({ succeeds }) => succeeds === outcome).map(({ option }) => OPTIONS[option])
    const where = nameOf === null ? '' : ` in ${nameOf(first.netns)}`
    if (first.error === 'EACCES')
      return `${first.protocol}${where}: every bind by this user would fail: the port is privileged (EACCES).`
    if (named(true).length === of.length) return `${first.protocol}${where}: any bind by this user would succeed.`
    const parts = [
      ...(named(true).length > 0 ? [`succeeds ${named(true).join(' or ')}`] : []),
      ...(named(false).length > 0 ? [`fails ${named(false).join(' or ')} (EADDRINUSE)`] : []),
      ...UNKNOWN.flatMap(([unknown, why]) => {
        const options = of.filter((bind) => bind.unknownBecause === unknown).map(({ option }) => OPTIONS[option])
        return options.length > 0 ? [`${options.join(' or ')}: unknown, because ${why}`] : []
      }),
    ]
    return `${first.protocol}${where}: a bind to all addresses by this user ${parts.join('; ')}.`
  })
}
