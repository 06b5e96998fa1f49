/** A machine for examples of findings: its groups have the names that are given. */
import type { NamespaceFacts } from '../../../../../electron/engine/analyze/findings/namespace-facts.ts'
import type { GroupView, MemberView, RuleContext } from '../../../../../electron/engine/analyze/findings/rule.ts'
import { aGroupView } from './view.ts'

/** The names on a machine. */
export type Names = {
  /** A server, another program, and two commands that are hard to read. */
  commands: readonly [string, string, string, string]
  /** The owner of the server, and another user. */
  users: Readonly<Record<number, string>>
  /** IPv4, IPv4, IPv6, and an IPv4 address mapped to IPv6. */
  addresses: readonly [string, string, string, string]
  interface: string | null
}

type Change = Parameters<typeof aGroupView>[0]

/** A group, and what has just happened to it. */
export type Example = readonly [GroupView, Partial<RuleContext>?]

/** Groups that raise a finding in all its variants. */
export type Examples = (machine: ReturnType<typeof exampleMachine>) => readonly Example[]

export function exampleMachine({ commands, users, addresses, interface: on }: Names) {
  const [server, stranger, spaced, numeric] = commands
  const [ipv4, otherIpv4, ipv6, mapped] = addresses
  const [uid = 0, otherUid = 0] = Object.keys(users).map(Number)
  const process = (pid: number, command: string, startedAt = 0) => ({ pid, parent: 2, command, startedAt })
  const processes = [
    process(1, server),
    process(2, stranger),
    process(3, spaced),
    process(4, numeric),
    process(11, server, 1),
    process(12, server, 600_000),
    process(13, server, 600_001),
  ]
  const group = (change: Change = {}): GroupView =>
    aGroupView({
      text: ipv4,
      members: [
        { uid, holders: [1] },
        { uid, holders: [3, 4] },
      ],
      processes,
      users,
      interface: on,
      ...change,
    })
  const facts = (known: Partial<NamespaceFacts> = {}): NamespaceFacts => ({
    grown: () => 9,
    somaxconn: 128,
    migrates: false,
    unprivilegedPortStart: 1024,
    ...known,
  })
  const given = { total: 64, since: 1_700_000_000_000 - 30_000 }
  const theirs: Partial<MemberView> = { uid: otherUid, holders: [2] }
  const both: Partial<MemberView> = { uid, holders: [1], options: { reuseport: true, reuseaddr: true } }
  return { group, facts, given, uid, theirs, both, otherIpv4, ipv6, mapped }
}
