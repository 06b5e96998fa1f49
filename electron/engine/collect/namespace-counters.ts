/** The counters of a network namespace. Pure: text in, numbers out. */

/** The counters that are used, by their names in /proc/net/snmp and /proc/net/netstat, with their table. */
const COUNTERS = {
  PassiveOpens: 'Tcp',
  EstabResets: 'Tcp',
  RcvbufErrors: 'Udp',
  ListenOverflows: 'TcpExt',
  ListenDrops: 'TcpExt',
  TCPDeferAcceptDrop: 'TcpExt',
  TCPMigrateReqSuccess: 'TcpExt',
  TCPMigrateReqFailure: 'TcpExt',
} as const
export type Counter = keyof typeof COUNTERS

/**
 * Parses /proc/net/snmp or netstat: a line of names, then a line of numbers, each starting with the table (proc(5)).
 */
export function parseCounters(text: string): Map<string, number> {
  const found = new Map<string, number>()
  const lines = text.split('\n')
  for (let line = 0; line + 1 < lines.length; line += 2) {
    const names = (lines[line] ?? '').split(' ')
    const numbers = (lines[line + 1] ?? '').split(' ')
    const table = names[0]?.slice(0, -1)
    for (const [column, name] of names.entries()) {
      const value = Number(numbers[column])
      if (COUNTERS[name as Counter] === table && Number.isFinite(value)) found.set(name, value)
    }
  }
  return found
}

/**
 * The TCP connections of IPv4 and IPv6 that are established or wait for their own end to close, by /proc/net/snmp
 * (CurrEstab, RFC 4022); null where it does not say.
 */
export function establishedIn(snmp: string): number | null {
  const lines = snmp.split('\n').filter((line) => line.startsWith('Tcp: '))
  const [names, numbers] = lines.map((line) => line.split(' '))
  const count = Number(numbers?.[names?.indexOf('CurrEstab') ?? -1])
  return Number.isFinite(count) ? count : null
}
