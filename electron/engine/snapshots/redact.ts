/**
 * Replaces names by pseudonyms, so that a snapshot can be shared. A pseudonym is the start of an HMAC of the name:
 * under one key the same name gives the same pseudonym, so redacted snapshots still compare, and without the key names
 * cannot be found by trying. The snapshot states what was replaced.
 */
import { createHmac } from 'node:crypto'
import type { RecentFlows } from '../../contract/flows.ts'
import type { KernelGroup } from '../../contract/kernel-group.ts'
import type { Finding, Group, Holder, Member, Namespace, Redaction } from '../../contract/model.ts'
import { type Name, nameOf, parseSentences, toSentences, withNames } from '../common/prose.ts'
import type { SnapshotHead, SnapshotPart, SnapshotParts } from './parts.ts'

/** Addresses that reveal nothing about the machine. */
export const COMMON_ADDRESSES = new Set(['0.0.0.0', '::', '127.0.0.1', '::1', '::ffff:0.0.0.0', '::ffff:127.0.0.1'])
const ROOT = 0
/** Pseudonyms of uids are above every uid in use. */
const FIRST_PSEUDO_UID = 0x8000_0000

/** A key too weak to keep anyone from trying names. */
export const MIN_KEY_BYTES = 16

export class Redactor {
  readonly #what: ReadonlySet<Redaction>
  readonly #key: Uint8Array
  readonly #known = new Map<string, string>()

  constructor(what: readonly Redaction[], key: Uint8Array) {
    this.#what = new Set(what)
    this.#key = key
  }

  head(head: SnapshotHead): SnapshotHead {
    const hosts = this.#what.has('hosts')
    return {
      ...head,
      host: {
        ...head.host,
        hostname: hosts ? this.#name('host', head.host.hostname) : head.host.hostname,
        bootId: hosts && head.host.bootId !== null ? this.#name('boot', head.host.bootId) : head.host.bootId,
        uid: this.#uid(head.host.uid),
      },
      namespaces: head.namespaces.map((namespace) => this.#namespace(namespace)),
      redacted: [...new Set([...(head.redacted ?? []), ...this.#what])].sort(),
      redactionKeyId: this.#digest('key', '').slice(0, 8),
    }
  }

  group(group: Group): Group {
    const addresses = this.#what.has('addresses')
    return {
      ...group,
      id: this.#id(group.id),
      address: addresses ? this.#address(group.address) : group.address,
      interface: addresses ? this.#interface(group.interface) : group.interface,
      uid: group.uid === null ? null : this.#uid(group.uid),
      user: this.#user(group.uid, group.user),
      members: group.members.map((member) => this.#member(member)),
      ...(group.recentFlows && { recentFlows: this.#recentFlows(group.recentFlows) }),
      ...(group.kernelGroups && { kernelGroups: group.kernelGroups.map((kernel) => this.#kernelGroup(kernel)) }),
    }
  }

  #recentFlows({ flows, ...rest }: RecentFlows): RecentFlows {
    const address = this.#what.has('addresses') ? (real: string) => this.#address(real) : (real: string) => real
    return { ...rest, flows: flows.map((flow) => ({ ...flow, address: address(flow.address) })) }
  }

  /** Its sentences are rewritten from the names in them. */
  finding(finding: Finding): Finding {
    return {
      ...finding,
      group: this.#id(finding.group),
      ...toSentences(withNames(parseSentences(finding), (name) => this.#reference(name))),
    }
  }

  #reference(name: Name): Name | null {
    const { of } = name
    const addresses = this.#what.has('addresses')
    const commands = this.#what.has('commands')
    switch (of.kind) {
      case 'endpoint':
        return addresses
          ? nameOf({ ...of, address: this.#address(of.address), interface: this.#interface(of.interface) })
          : name
      case 'address':
        return addresses ? nameOf({ ...of, address: this.#address(of.address) }) : name
      case 'user':
        return nameOf({ ...of, uid: this.#uid(of.uid), user: this.#user(of.uid, of.user) })
      case 'process':
        return commands && of.command !== null ? nameOf({ ...of, command: this.#name('command', of.command) }) : name
      case 'command':
        return commands ? nameOf({ ...of, command: this.#name('command', of.command) }) : name
      case 'program':
        return commands ? null : name
    }
  }

  #member(member: Member): Member {
    return {
      ...member,
      uid: this.#uid(member.uid),
      user: this.#user(member.uid, member.user),
      holders: member.holders === null ? null : member.holders.map((holder) => this.#holder(holder)),
    }
  }

  /** The names of a program and of its maps say what runs on the machine, like those of its processes. */
  #kernelGroup(group: KernelGroup): KernelGroup {
    const { program } = group
    if (program?.kind !== 'extended' || !this.#what.has('commands')) return group
    const maps = program.maps.map((map) => ({ ...map, name: this.#name('map', map.name) }))
    return { ...group, program: { ...program, name: this.#name('program', program.name), maps } }
  }

  #holder(holder: Holder): Holder {
    return this.#what.has('commands') ? { ...holder, command: this.#name('command', holder.command) } : holder
  }

  #namespace(namespace: Namespace): Namespace {
    // A namespace's name may be an internal name for a customer, and is often that of a process.
    const redacted = this.#what.has('hosts') || this.#what.has('commands')
    return redacted && namespace.name !== String(namespace.inode)
      ? { ...namespace, name: this.#name('namespace', namespace.name) }
      : namespace
  }

  #address(address: string): string {
    if (COMMON_ADDRESSES.has(address)) return address
    return this.#name(address.includes(':') ? 'ipv6' : 'ipv4', address)
  }

  #interface(name: string | null): string | null {
    return name === null || name === 'lo' ? name : this.#name('interface', name)
  }

  #user(uid: number | null, user: string | null): string | null {
    if (user === null || (uid === ROOT && user === 'root') || !this.#what.has('users')) return user
    return this.#name('user', user)
  }

  #uid(uid: number): number {
    if (uid === ROOT || !this.#what.has('users')) return uid
    return FIRST_PSEUDO_UID + Number.parseInt(this.#digest('uid', String(uid)).slice(0, 7), 16)
  }

  /** An id is derived from address and user, and these could be found by trying them all. */
  #id(id: string): string {
    return this.#what.has('addresses') || this.#what.has('users') ? this.#digest('id', id).slice(0, 16) : id
  }

  #name(kind: string, name: string): string {
    return `${kind}-${this.#digest(kind, name).slice(0, 8)}`
  }

  #digest(kind: string, name: string): string {
    const text = `${kind}\0${name}`
    let digest = this.#known.get(text)
    if (digest === undefined) {
      digest = createHmac('sha256', this.#key).update(text).digest('hex')
      this.#known.set(text, digest)
    }
    return digest
  }
}

/** The parts, with names replaced by pseudonyms. */
export async function* redacted(
  parts: SnapshotParts,
  what: readonly Redaction[],
  key: Uint8Array,
): AsyncGenerator<SnapshotPart> {
  const redactor = new Redactor(what, key)
  for await (const part of parts) {
    if ('head' in part) yield { head: redactor.head(part.head) }
    else if ('group' in part) yield { group: redactor.group(part.group) }
    else yield { findings: part.findings.map((finding) => redactor.finding(finding)) }
  }
}
