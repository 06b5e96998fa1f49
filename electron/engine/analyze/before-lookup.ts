/**
 * What decides about a packet before the socket lookup: NAT and TPROXY of nftables and iptables, IPVS, XDP, a VRF, and
 * sk_lookup programs. Each is checked if permissions allow it, and reported as unchecked if not. Firewall drops and
 * redirects by tc programs are not checked.
 */
import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Reader } from '../../../native/index.ts'
import type { EarlierStep } from '../../contract/analysis.ts'
import { attributesByType, fromHostU32, netlinkMessages, netlinkRequest } from '../collect/netlink-message.ts'
import { type NftPacket, rewritesOf } from './nft-rules.ts'

type Place = { readonly netns: number; readonly interface: number; readonly interfaceName: string | null }
type Kernel = Pick<Reader, 'query' | 'findLookupPrograms' | 'within'>

const NFT_GETCHAIN = 0x0a04
const NFT_GETRULE = 0x0a07
const RTM_NEWLINK = 16
const RTM_GETLINK = 18
const IFINFOMSG = 16
const IFLA_EXT_MASK = 29
const RTEXT_FILTER_SKIP_STATS = 8
const IFLA_LINKINFO = 18
const IFLA_INFO_SLAVE_KIND = 4
const IFLA_XDP = 43
const IFLA_XDP_ATTACHED = 2
/** CAP_NET_ADMIN is missing, or root for files in /proc. */
const REFUSED: ReadonlySet<string> = new Set(['EPERM', 'EACCES'])
/** Errors of a kernel that was built without the feature. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['ENOENT', 'EINVAL', 'EOPNOTSUPP', 'EPROTONOSUPPORT', 'ENOSYS'])

/** Checks all of them. Does not reject for a system error: a step that could not be read has the state `failed`. */
export async function stepsBefore(kernel: Kernel, place: Place, packet: NftPacket): Promise<EarlierStep[]> {
  return [
    await runCheck('nftables', () => nftables(kernel, place, packet)),
    await runCheck('iptables', async () => legacyTables(kernel, place, packet)),
    await runCheck('ipvs', async () => virtualServices(kernel, place, packet)),
    ...(place.interface === 0
      ? []
      : [await runCheck('xdp', () => xdp(kernel, place)), await runCheck('vrf', () => vrf(kernel, place, packet))]),
    await runCheck('sk-lookup', () => lookupPrograms(kernel, place)),
  ]
}

type StepResult = Pick<EarlierStep, 'state' | 'detail'>

const NAMES: Readonly<Record<EarlierStep['kind'], string>> = {
  nftables: 'nftables rules',
  iptables: 'iptables rules',
  ipvs: 'IPVS virtual services',
  xdp: 'XDP programs',
  vrf: 'VRFs',
  'sk-lookup': 'sk_lookup programs',
}
const PERMISSIONS: Readonly<Record<EarlierStep['kind'], string>> = {
  nftables: 'CAP_NET_ADMIN',
  iptables: 'root',
  ipvs: 'root',
  xdp: 'more permissions',
  vrf: 'more permissions',
  'sk-lookup': 'CAP_SYS_ADMIN',
}

async function runCheck(what: EarlierStep['kind'], look: () => Promise<StepResult>): Promise<EarlierStep> {
  try {
    return { kind: what, ...(await look()) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    if (REFUSED.has(code))
      return { kind: what, state: 'not-allowed', detail: `${NAMES[what]} (needs ${PERMISSIONS[what]})` }
    if (UNSUPPORTED.has(code))
      return { kind: what, state: 'unsupported', detail: `This kernel does not support ${NAMES[what]}.` }
    return { kind: what, state: 'failed', detail: `${NAMES[what]} (${code})` }
  }
}

const noEffect = (what: string): StepResult => ({ state: 'none', detail: what })

async function nftables(kernel: Kernel, { netns }: Place, packet: NftPacket): Promise<StepResult> {
  // A query would load the module, which changes the machine; and without it there are no rules.
  if (!mayBeLoaded('nf_tables')) return { state: 'unsupported', detail: 'nf_tables is not loaded: there are no rules.' }
  const ask = (type: number) =>
    kernel.query({ netns, family: 'netfilter', request: netlinkRequest(type, new Uint8Array(4), [], 'dump') })
  const rewrites = rewritesOf(packet, await ask(NFT_GETCHAIN), await ask(NFT_GETRULE))
  const [first] = rewrites
  if (first === undefined) return noEffect('No nftables rule rewrites this destination.')
  if (first.certain)
    return { state: 'redirects', detail: `nftables (${first.where}) ${first.action} before the lookup.` }
  const where = [...new Set(rewrites.map((rewrite) => rewrite.where))]
  const more = where.length > 2 ? ` and ${where.length - 2} more` : ''
  return {
    state: 'possible',
    detail: `nftables may rewrite this destination before the lookup: ${where.slice(0, 2).join('; ')}${more}. Not all conditions of these rules could be interpreted.`,
  }
}

function mayBeLoaded(module: string): boolean {
  if (existsSync(`/sys/module/${module}`)) return true
  try {
    return readFileSync(`/lib/modules/${release()}/modules.builtin`, 'latin1').includes(`/${module}.ko`)
  } catch {
    return true
  }
}

/** Legacy iptables lists which tables it has; their rules are not read. */
async function legacyTables(kernel: Kernel, { netns }: Place, { family }: NftPacket): Promise<StepResult> {
  const tables = readNamespaceFile(kernel, netns, family === 'ipv4' ? 'ip_tables_names' : 'ip6_tables_names')
  const deciding = (tables ?? '').split('\n').filter((table) => table === 'nat' || table === 'mangle')
  if (tables === null) return { state: 'unsupported', detail: 'iptables (legacy) has no tables here.' }
  if (deciding.length === 0) return noEffect('iptables (legacy) has no nat or mangle table here.')
  return {
    state: 'possible',
    detail: `iptables (legacy) has a ${deciding.join(' and a ')} table here. Its rules are not read: they may rewrite this destination before the lookup.`,
  }
}

async function virtualServices(kernel: Kernel, { netns }: Place, packet: NftPacket): Promise<StepResult> {
  const services = readNamespaceFile(kernel, netns, 'ip_vs')
  if (services === null) return { state: 'unsupported', detail: 'IPVS is not loaded.' }
  const found = ipvsServiceFor(services, packet)
  if (found === null) return noEffect('IPVS has no virtual service for this destination.')
  return found === 'mark'
    ? {
        state: 'possible',
        detail: 'IPVS has virtual services by firewall mark, which may take this destination before the lookup.',
      }
    : { state: 'redirects', detail: `IPVS takes this destination before the lookup (virtual service ${found}).` }
}

/**
 * The virtual service in /proc/net/ip_vs that takes the packet; `mark` if one takes packets by firewall mark; null for
 * none. Exported for its tests.
 */
export function ipvsServiceFor(text: string, packet: NftPacket): string | 'mark' | null {
  let byMark = false
  for (const line of text.split('\n')) {
    const [protocol, place] = line.split(/\s+/)
    if (protocol === 'FWM') byMark = true
    if (protocol?.toLowerCase() !== packet.protocol || place === undefined) continue
    const v6 = /^\[([0-9A-Fa-f:]+)\]:([0-9A-F]{4})$/.exec(place)
    const v4 = /^([0-9A-F]{8}):([0-9A-F]{4})$/.exec(place)
    const [address, port] = [v6?.[1]?.replaceAll(':', '') ?? v4?.[1], v6?.[2] ?? v4?.[2]]
    if (address === undefined || port === undefined || packet.local === null) continue
    const size = v6 === null ? 4 : 16
    if ((size === 4) !== (packet.family === 'ipv4') || Number.parseInt(port, 16) !== packet.localPort) continue
    if (Buffer.from(packet.local.subarray(0, size)).toString('hex') === address.toLowerCase())
      return `${protocol} ${place}`
  }
  return byMark ? 'mark' : null
}

/** A file of that namespace's /proc/net; null if it does not exist. */
function readNamespaceFile(kernel: Kernel, netns: number, name: string): string | null {
  try {
    // /proc/net belongs to the process, but only the thread enters the namespace.
    return kernel.within(netns, () => readFileSync(`/proc/thread-self/net/${name}`, 'latin1'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

async function xdp(kernel: Kernel, place: Place): Promise<StepResult> {
  const name = place.interfaceName ?? 'the interface'
  const link = await linkOf(kernel, place)
  if (link === null) return { state: 'failed', detail: 'XDP programs (no answer)' }
  const about = link.get(IFLA_XDP)
  const attached = about && attributesByType(about).get(IFLA_XDP_ATTACHED)
  if ((attached?.[0] ?? 0) === 0) return noEffect(`No XDP program on ${name}.`)
  return {
    state: 'possible',
    detail: `An XDP program on ${name} sees the packet first: it may drop, change or redirect it.`,
  }
}

/**
 * The kernel lookup over sock_diag is for one interface: it leaves out which VRF that belongs to, by which the lookup of
 * a real packet also chooses (inet_sk_bound_dev_eq(), Documentation/networking/vrf.rst).
 */
async function vrf(kernel: Kernel, place: Place, { protocol }: NftPacket): Promise<StepResult> {
  const name = place.interfaceName ?? 'the interface'
  const link = await linkOf(kernel, place)
  if (link === null) return { state: 'failed', detail: 'VRFs (no answer)' }
  const about = link.get(IFLA_LINKINFO)
  const kind = about && attributesByType(about).get(IFLA_INFO_SLAVE_KIND)
  if (kind === undefined || text(kind) !== 'vrf') return noEffect(`${name} belongs to no VRF.`)
  return {
    state: 'possible',
    detail: `${name} belongs to a VRF. Sockets that are bound to it or to the VRF receive the packet; others only where net.ipv4.${protocol}_l3mdev_accept is 1. The kernel lookup leaves that out.`,
  }
}

/** The attributes of the interface; null without an answer. */
async function linkOf(kernel: Kernel, { netns, interface: index }: Place) {
  const fixed = new Uint8Array(IFINFOMSG)
  fixed.set(fromHostU32(index), 4)
  const skip = { type: IFLA_EXT_MASK, payload: fromHostU32(RTEXT_FILTER_SKIP_STATS) }
  const request = netlinkRequest(RTM_GETLINK, fixed, [skip], 'get')
  for (const { type, body } of netlinkMessages(await kernel.query({ netns, family: 'route', request }))) {
    if (type === RTM_NEWLINK) return attributesByType(body.subarray(IFINFOMSG))
  }
  return null
}

/** A string attribute, which ends with a NUL byte. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replace(/\0.*$/s, '')
}

async function lookupPrograms(kernel: Kernel, { netns }: Place): Promise<StepResult> {
  const namespaces = await kernel.findLookupPrograms()
  if (!namespaces.includes(netns)) return noEffect('No sk_lookup program is attached here.')
  return {
    state: 'possible',
    detail: 'An sk_lookup program is attached here: it may pick another socket. The kernel lookup ran it.',
  }
}

/** Warnings for the user: steps that may decide, and those that could not be checked. */
export function warningsBefore(steps: readonly EarlierStep[]): string[] {
  const deciding = steps.filter(({ state }) => state === 'possible').map(({ detail }) => detail)
  const unchecked = steps
    .filter(({ state }) => state === 'not-allowed' || state === 'failed')
    .map(({ detail }) => detail)
  if (unchecked.length === 0) return deciding
  return [...deciding, `Not checked, and may decide before the lookup: ${unchecked.join(', ')}.`]
}
