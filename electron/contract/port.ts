/** Everything about one port: what uses it, what a client reaches on it, and whether another socket could bind it. */
import { z } from 'zod'
import { EarlierStep, FindingRow, SteeredBy } from './analysis.ts'
import { GroupRow } from './live.ts'
import { Family, GroupId, Member, Protocol } from './model.ts'

const Port = z.number().int().min(1, 'a port is 1 to 65535').max(65535, 'a port is 1 to 65535')
const Netns = z.number().int().nonnegative()
const place = { netns: Netns, protocol: Protocol, family: Family }

export const PortRequest = z.object({
  port: Port,
  /** Name or inode of a network namespace; if omitted, all accessible ones. */
  netns: z.string().max(200).optional(),
  protocol: Protocol.optional(),
  /** What a client of this address reaches, and binds to it alone; if omitted, every address. */
  address: z.string().min(1).max(64).optional(),
})
export type PortRequest = z.infer<typeof PortRequest>

/** The options of a socket that decide which others may have its port. */
export const PortOptions = z.object({ reuseport: z.boolean(), reuseaddr: z.boolean() })
export type PortOptions = z.infer<typeof PortOptions>

/** One socket with this local port. */
export const PortHolder = z.object({
  ...place,
  /** As in `ss`: the state of the group's member, or of the TCP connection. */
  state: z.string(),
  address: z.string(),
  /** null without a peer. */
  remote: z.object({ address: z.string(), port: z.number().int() }).nullable(),
  cookie: Member.shape.cookie,
  /** null where no process is known: a connection in TIME_WAIT belongs to no process. */
  user: z.string().nullable(),
  holders: z.array(z.object({ pid: z.number().int().positive(), command: z.string() })).nullable(),
  /** The group of a member; null for a connection. */
  group: GroupId.nullable(),
  /** null where they are not readable. */
  options: PortOptions.nullable(),
})
export type PortHolder = z.infer<typeof PortHolder>

/** As of a lookup; `copies`: no socket is picked, each of them gets a copy of a multicast or broadcast datagram. */
export const PortSteering = z.enum([...SteeredBy.options, 'copies'])
export type PortSteering = z.infer<typeof PortSteering>

/** What the clients of one local address reach. A multicast or broadcast address has an entry for each of its groups. */
export const PortReach = z.object({
  ...place,
  /** null: any other address of this family, one that no socket is bound to. */
  address: z.string().nullable(),
  /** The interface that has the address, on which packets are taken to arrive; null for any other address. */
  interface: z.string().nullable(),
  /** The group that receives its clients; null where none does. */
  group: GroupId.nullable(),
  /** The sockets of that group that can receive a client. */
  among: z.number().int().nonnegative(),
  steeredBy: PortSteering,
  /** Why, in a sentence. */
  reason: z.string(),
  /** The groups that would receive them if this one were not there. */
  shadowed: z.array(GroupId),
})
export type PortReach = z.infer<typeof PortReach>

/** Whether one bind(2) would succeed, beside the sockets that have the port now. */
export const PortBind = z.object({
  ...place,
  /** Where it would be bound: `0.0.0.0`, `::`, or an address. */
  address: z.string(),
  /** IPV6_V6ONLY; only for `::` does it matter. */
  v6only: z.boolean(),
  /** Who binds; null: a user that has no socket on the port, without capabilities. */
  uid: z.number().int().nonnegative().nullable(),
  user: z.string().nullable(),
  /** The options that it sets before bind(2). */
  options: PortOptions,
  /** null: unknown, see `unknownBecause`. */
  succeeds: z.boolean().nullable(),
  /**
   * The error of bind(2); null where it succeeds or is unknown. EACCES: the port is privileged (ip(7)). EADDRNOTAVAIL:
   * the address is not here. EAFNOSUPPORT: the kernel runs without IPv6, and socket(2) fails already.
   */
  error: z.enum(['EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']).nullable(),
  /** The first socket that refuses it; null with another error, or none. */
  refusedBy: PortHolder.nullable(),
  /** The group that it would join. */
  joins: GroupId.nullable(),
  /** Why it fails or is unknown, in a sentence; null where it succeeds. */
  reason: z.string().nullable(),
  /**
   * Why `succeeds` is null. `options`: the options of a socket that has the port are not readable. `order`: the order in
   * which the sockets were bound decides. `unchecked`: sockets that are not checked could have it (see `limitations`).
   * `privilege`: the lowest port that this user may bind could not be read. `address`: whether the address is here could
   * not be read.
   */
  unknownBecause: z.enum(['options', 'order', 'unchecked', 'privilege', 'address']).nullable(),
})
export type PortBind = z.infer<typeof PortBind>

/** What the settings of a network namespace say about the port; null where they could not be read. */
export const PortRange = z.object({
  netns: Netns,
  /** Below net.ipv4.ip_unprivileged_port_start: bind(2) needs CAP_NET_BIND_SERVICE. */
  privileged: z.boolean().nullable(),
  /** In net.ipv4.ip_local_port_range: the kernel may give it to an outgoing connection. */
  ephemeral: z.boolean().nullable(),
  /** In net.ipv4.ip_local_reserved_ports: never given to an outgoing connection. */
  reserved: z.boolean().nullable(),
  unprivilegedFrom: z.number().int().nullable(),
  ephemeralRange: z.tuple([z.number().int(), z.number().int()]).nullable(),
})
export type PortRange = z.infer<typeof PortRange>

/**
 * What acts on packets to the port before the socket lookup, or may, and what could not be checked: never `none` or
 * `unsupported`.
 */
export const PortInFront = EarlierStep.extend({
  ...place,
  /** The destinations on which it acts: addresses of this namespace. */
  addresses: z.array(z.string()),
})
export type PortInFront = z.infer<typeof PortInFront>

export const PortUse = z.object({
  port: Port,
  /** Members of groups, the unshared ones too, and TCP connections, including TIME_WAIT. The first 1000. */
  holders: z.array(PortHolder),
  omitted: z.number().int().nonnegative(),
  /** How many sockets are in which state, the omitted ones too. */
  states: z.array(z.object({ netns: Netns, protocol: Protocol, state: z.string(), sockets: z.number().int() })),
  /** The groups on the port, each with its queue and drops. */
  groups: z.array(GroupRow),
  /** NAT, TPROXY, IPVS, XDP and sk_lookup programs: they decide before the sockets of `reaches` are looked up. */
  inFront: z.array(PortInFront),
  reaches: z.array(PortReach),
  binds: z.array(PortBind),
  ranges: z.array(PortRange),
  findings: z.array(FindingRow),
  summary: z.string(),
  /** What is not checked or only assumed, and why: one sentence each. */
  limitations: z.array(z.string()),
})
export type PortUse = z.infer<typeof PortUse>
