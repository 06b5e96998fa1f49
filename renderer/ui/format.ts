/** Formats numbers, sizes and times. */
import type { Family, Protocol, QueueUnit, Sharing } from '../../electron/contract/model.ts'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 0, maximumFractionDigits: 1 })

/** 4096 → "4,096". */
export function formatCount(count: number): string {
  return whole.format(count)
}

/** "1 group", "2 groups". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** A rate: whole from 10 up, one decimal below, "<0.1" for small nonzero values. */
export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.1) return '<0.1'
  return perSecond >= 10 ? whole.format(perSecond) : tenths.format(perSecond)
}

/** A ratio: "1.04", "15.9", "32,768". */
export function formatRatio(ratio: number): string {
  return ratio < 9.995 ? ratio.toFixed(2) : ratio >= 100 ? whole.format(ratio) : ratio.toFixed(1)
}

/** Bytes with the unit that fits: [13.6, "KiB"]. */
export function formatBytes(bytes: number): [string, string] {
  const units = ['B', 'KiB', 'MiB', 'GiB'] as const
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return [value >= 100 || unit === 0 ? whole.format(value) : tenths.format(value), units[unit] ?? 'GiB']
}

/** Length and limit of a queue in one unit: ["512", "511", ""] or ["13.6", "208", "KiB"]. null stays null. */
export function formatQueue(
  length: number | null,
  limit: number | null,
  unit: QueueUnit,
): { length: string | null; limit: string | null; unit: string } {
  if (unit === 'connections') {
    return {
      length: length === null ? null : formatCount(length),
      limit: limit === null ? null : formatCount(limit),
      unit: '',
    }
  }
  const [text, name] = formatBytes(Math.max(limit ?? 0, length ?? 0))
  const scale = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[name] ?? 1
  const scaled = (bytes: number | null) => {
    if (bytes === null) return null
    const value = bytes / scale
    return value >= 100 ? whole.format(value) : tenths.format(value)
  }
  return { length: scaled(length), limit: limit === null ? null : (scaled(limit) ?? text), unit: name }
}

/** A span in milliseconds: "0.4 s", "48 s", "3 min", "2 h", "9 d". */
export function formatSpan(ms: number): string {
  if (ms < 9950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  if (Math.round(ms / 1000) < 120) return `${Math.round(ms / 1000)} s`
  if (Math.round(ms / 60_000) < 120) return `${Math.round(ms / 60_000)} min`
  if (Math.round(ms / 3_600_000) < 48) return `${Math.round(ms / 3_600_000)} h`
  return `${Math.round(ms / 86_400_000)} d`
}

/** A time of day: "14:46:52". */
export function formatClock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}

/** "tcp4", "udp6". */
export function protocolName(protocol: Protocol, family: Family): string {
  return `${protocol}${family === 'ipv4' ? '4' : '6'}`
}

/** How members share a port; a socket in no group is unshared. */
export function sharingName(sharing: Sharing): string {
  return sharing === 'none' ? 'unshared' : sharing
}

/** An address as written before the port: IPv6 in brackets, with the interface that it is bound to. */
export function addressText(address: string, family: Family, bound: string | null): string {
  const scope = bound === null ? '' : `%${bound}`
  return family === 'ipv6' ? `[${address}${scope}]` : `${address}${scope}`
}

/** Why drops are unknown: for listeners (queues of connections) the kernel's counter can include more than losses. */
export function unknownDropsText(unit: QueueUnit): string {
  return unit === 'connections'
    ? 'With deferred accept, a listener’s drop counter also counts healthy connections: this one has that option, or it could not be read'
    : 'This kernel does not report the drops of these sockets'
}
