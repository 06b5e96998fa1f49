/** Numbers, sizes, durations and endpoints as text, the same in every front and file. */
import type { GroupKey, Namespace, Queue } from './model.ts'

/** Made when first used: V8 loads its locale data for the first one, which takes as long as reading all sockets. */
let formats: { whole: Intl.NumberFormat; tenths: Intl.NumberFormat } | undefined

function numbers() {
  formats ??= {
    whole: new Intl.NumberFormat('en', { maximumFractionDigits: 0 }),
    tenths: new Intl.NumberFormat('en', { maximumFractionDigits: 1 }),
  }
  return formats
}

/** 32768 as "32,768". */
export function formatCount(value: number): string {
  return Number.isSafeInteger(value) ? grouped(value) : numbers().whole.format(value)
}

/** 32768.25 as "32,768.3". */
export function formatTenths(value: number): string {
  return Number.isSafeInteger(value) ? grouped(value) : numbers().tenths.format(value)
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** "1 group", "2 groups". */
export function pluralize(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** The displayed number of a lab's member or worker, from 1. Its index counts from 0. */
export function displayNumber(index: number): number {
  return index + 1
}

/** Why traffic ended early, for traffic that has `failed`. */
export function earlyEndReason({ foreignSocket }: { readonly foreignSocket: string | null }): string {
  return foreignSocket === null
    ? 'Its process was killed'
    : `Stopped: a socket from outside the lab (cookie ${foreignSocket}) bound the same port`
}

/** A rate: whole from 10 up, one decimal below, "<0.1" for small nonzero values. */
export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.1) return '<0.1'
  return perSecond >= 10 ? formatCount(perSecond) : formatTenths(perSecond)
}

/** A short time in milliseconds: "0.4 ms", "12 ms", "1.5 s". */
export function formatWait(ms: number): string {
  if (ms >= 1000) return formatSpan(ms)
  return `${ms > 0 && ms < 0.1 ? '<0.1' : ms < 10 ? formatTenths(ms) : formatCount(ms)} ms`
}

/** A ratio: "1.04", "15.9", "32,768". */
export function formatRatio(ratio: number): string {
  return ratio < 9.995 ? ratio.toFixed(2) : ratio >= 100 ? formatCount(ratio) : ratio.toFixed(1)
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** The power of 1024 in whose unit so many bytes are shown. */
function byteUnitOf(bytes: number): number {
  let power = 0
  while (power < BYTE_UNITS.length - 1 && bytes >= 1024 ** (power + 1)) power++
  return power
}

/** Bytes in such a unit. A nonzero size is never shown as 0. */
function scaleBytes(bytes: number, power: number): string {
  const value = bytes / 1024 ** power
  if (power === 0 || value >= 100) return formatCount(value)
  return value > 0 && value < 0.1 ? '<0.1' : formatTenths(value)
}

/** Bytes with the unit that fits: ["13.6", "KiB"]. */
export function byteParts(bytes: number): [text: string, unit: string] {
  const power = byteUnitOf(bytes)
  return [scaleBytes(bytes, power), BYTE_UNITS[power] ?? 'B']
}

/** The same as one text: "512 B", "3.5 KiB", "208 KiB", "1.2 MiB". */
export function formatBytes(bytes: number): string {
  return byteParts(bytes).join(' ')
}

/**
 * Length and limit of a queue in one unit: ["512", "511", ""] or ["13.6", "208", "KiB"]. null stays null: unknown.
 * Connections have no unit here.
 */
export function queueParts({ length, limit, unit }: Queue): {
  length: string | null
  limit: string | null
  unit: string
} {
  const bytes = unit === 'bytes'
  const power = bytes ? byteUnitOf(Math.max(limit ?? 0, length ?? 0)) : 0
  const scaled = (value: number | null) => (value === null ? null : scaleBytes(value, power))
  return { length: scaled(length), limit: scaled(limit), unit: bytes ? (BYTE_UNITS[power] ?? 'B') : '' }
}

/** "3 of 511 connections", "12 KiB of 208 KiB". */
export function formatQueue({ length, limit, unit }: Queue): string {
  const of = limit === null ? '' : ` of ${formatAmount(limit, unit)}`
  const known = length === null ? 'unknown' : formatAmount(length, unit)
  return unit === 'bytes' ? `${known}${of}` : `${known}${of} connections`
}

/** A number of connections, or bytes with their unit. */
export function formatAmount(value: number, unit: Queue['unit']): string {
  return unit === 'bytes' ? formatBytes(value) : formatCount(value)
}

/** A span in milliseconds, short: "0.4 s", "48 s", "3 min", "2 h", "9 d". */
export function formatSpan(ms: number): string {
  if (ms < 9950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  if (Math.round(ms / 1000) < 120) return `${Math.round(ms / 1000)} s`
  if (Math.round(ms / 60_000) < 120) return `${Math.round(ms / 60_000)} min`
  if (Math.round(ms / 3_600_000) < 48) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

/** The same in words: "50 minutes", the largest unit that fits, with the next smaller one where the first is below 3. */
export function formatDuration(milliseconds: number): string {
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ] as const
  const absolute = Math.abs(milliseconds)
  const at = units.findIndex(([size]) => absolute >= size)
  const unit = units[at]
  if (unit === undefined) return pluralize(Math.round(absolute), 'millisecond')
  const whole = Math.floor(absolute / unit[0])
  const next = units[at + 1]
  const rest = next === undefined ? 0 : Math.floor((absolute - whole * unit[0]) / next[0])
  return whole < 3 && next !== undefined && rest > 0
    ? `${pluralize(whole, unit[1])} ${pluralize(rest, next[1])}`
    : pluralize(whole, unit[1])
}

/** "127.0.0.1%lo:53", "[::]:443", as `ss` writes it. */
export function endpoint(key: Pick<GroupKey, 'address' | 'port' | 'interface'>): string {
  return `${addressPart(key)}:${key.port}`
}

/** The same without the port. */
export function addressPart(key: Pick<GroupKey, 'address' | 'interface'>): string {
  const bound = key.interface === null ? key.address : `${key.address}%${key.interface}`
  return key.address.includes(':') ? `[${bound}]` : bound
}

/** "127.0.0.1:18080", "[::1]:53". */
export function endpointText(address: string, port: number | string): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** The name of each namespace by its inode; of an unknown one, the inode. */
export function namespaceNames(namespaces: readonly Namespace[]): (inode: number) => string {
  const names = new Map(namespaces.map(({ inode, name }) => [inode, name]))
  return (inode) => names.get(inode) ?? String(inode)
}

/** "tcp4", "udp6". */
export function protocolName(key: Pick<GroupKey, 'protocol' | 'family'>): string {
  return `${key.protocol}${key.family === 'ipv4' ? '4' : '6'}`
}

/** The owner of a socket or group: a name, "uid 2001", or "several" where the members' uids differ. */
export function formatUser(key: Pick<GroupKey, 'uid' | 'user'>): string {
  return key.user ?? (key.uid === null ? 'several' : `uid ${key.uid}`)
}
