/** The machine, and what the engine may do on it. */
import { readFileSync } from 'node:fs'
import { hostname, release } from 'node:os'
import type { Host, Snapshot } from '../../contract/model.ts'

/** Kernel settings that affect a group, under the names of sysctl(8). */
const SYSCTLS = [
  'net.core.somaxconn',
  'net.core.rmem_default',
  'net.core.rmem_max',
  'net.core.netdev_max_backlog',
  'net.ipv4.tcp_migrate_req',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_l3mdev_accept',
  'net.ipv4.udp_l3mdev_accept',
  'net.ipv6.bindv6only',
] as const

// The bits of capabilities(7), in the order of linux/capability.h.
const CAPABILITIES = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin ' +
  'sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override ' +
  'mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ')

export function readHost(): Host {
  return {
    hostname: hostname(),
    kernelRelease: release(),
    bootId: readText('/proc/sys/kernel/random/boot_id'),
    uid: process.geteuid?.() ?? 0,
    capabilities: capabilitiesOf(readText('/proc/self/status') ?? ''),
  }
}

/**
 * The names of the effective capabilities (`CapEff` of /proc/PID/status, proc(5)), such as `cap_net_admin`; null where
 * the line is missing.
 */
export function capabilitiesOf(status: string): string[] | null {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  if (digits === undefined) return null
  const mask = BigInt(`0x${digits}`)
  return CAPABILITIES.flatMap((name, bit) => ((mask >> BigInt(bit)) & 1n ? [`cap_${name}`] : []))
}

/** Those of the engine's own namespace, without those that this kernel lacks. */
export function readSysctls(): Snapshot['sysctls'] {
  const values: Snapshot['sysctls'] = {}
  for (const name of SYSCTLS) {
    const text = readText(`/proc/sys/${name.replaceAll('.', '/')}`)
    if (text !== null) values[name] = /^-?\d+$/.test(text) ? Number(text) : text
  }
  return values
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return null
  }
}
