/** The settings of a network namespace that say who may have a port (ip-sysctl.rst of the kernel's documentation). */
import { readFileSync } from 'node:fs'
import type { Reader } from '../../../../native/index.ts'
import type { PortRange } from '../../../contract/port.ts'

/** null for what could not be read. Settings are those of the namespace in which the file is opened. */
export function portRange(reader: Pick<Reader, 'within'>, netns: number, port: number): PortRange {
  const setting = (name: string) => readSetting(reader, netns, `ipv4/${name}`)
  const start = setting('ip_unprivileged_port_start')
  const range = setting('ip_local_port_range')?.split(/\s+/).map(Number)
  const reserved = setting('ip_local_reserved_ports')
  const [from, to] = range ?? []
  const unprivilegedFrom = start === null ? null : Number(start)
  return {
    netns,
    privileged: unprivilegedFrom === null ? null : port < unprivilegedFrom,
    ephemeral: from === undefined || to === undefined ? null : port >= from && port <= to,
    reserved: reserved === null ? null : includesPort(reserved, port),
    unprivilegedFrom,
    ephemeralRange: from === undefined || to === undefined ? null : [from, to],
  }
}

/** Whether sockets may be bound to any address of this family (ip_nonlocal_bind); null if that could not be read. */
export function bindsAnywhere(reader: Pick<Reader, 'within'>, netns: number, family: 'ipv4' | 'ipv6'): boolean | null {
  const text = readSetting(reader, netns, `${family}/ip_nonlocal_bind`)
  return text === null ? null : text !== '0'
}

/** Whether a list such as `8080,9000-9100` has the port. Exported for its tests. */
export function includesPort(list: string, port: number): boolean {
  return list.split(',').some((part) => {
    const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? []
    return from !== undefined && port >= Number(from) && port <= Number(to)
  })
}

function readSetting(reader: Pick<Reader, 'within'>, netns: number, name: string): string | null {
  try {
    return reader.within(netns, () => readFileSync(`/proc/sys/net/${name}`, 'utf8')).trim()
  } catch {
    return null
  }
}
