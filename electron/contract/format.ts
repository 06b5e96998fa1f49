/** Numbers and endpoints as text, the same in every front and file. */
import type { GroupKey, Queue } from './model.ts'

/** 32768 as "32,768". */
export function formatCount(value: number): string {
  return String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ',')
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

/** Bytes in the unit that fits: "512 B", "3.5 KiB", "208 KiB", "1.2 MiB". */
export function formatBytes(value: number): string {
  if (value < 1024) return `${formatCount(value)} B`
  const kib = value / 1024
  const tenths = (size: number) => String(Math.round(size * 10) / 10)
  return kib < 1024 ? `${tenths(kib)} KiB` : `${tenths(kib / 1024)} MiB`
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

/** "127.0.0.1%lo:53", "[::]:443", as `ss` writes it. */
export function endpoint(key: Pick<GroupKey, 'address' | 'port' | 'interface'>): string {
  return `${addressPart(key)}:${key.port}`
}

/** The same without the port. */
export function addressPart(key: Pick<GroupKey, 'address' | 'interface'>): string {
  const bound = key.interface === null ? key.address : `${key.address}%${key.interface}`
  return key.address.includes(':') ? `[${bound}]` : bound
}

/** "tcp4", "udp6". */
export function protocolName(key: Pick<GroupKey, 'protocol' | 'family'>): string {
  return `${key.protocol}${key.family === 'ipv4' ? '4' : '6'}`
}

/** The owner of a socket or group: a name, "uid 2001", or "several" where the members' uids differ. */
export function formatUser(key: Pick<GroupKey, 'uid' | 'user'>): string {
  return key.user ?? (key.uid === null ? 'several' : `uid ${key.uid}`)
}
