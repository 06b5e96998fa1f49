/** The texts of /proc/PID, parsed. Pure: bytes in, facts out. */

/** No more of a command line is kept: it may be two megabytes long, and nobody reads that. */
const LONGEST_COMMAND_LINE = 64 * 1024

/**
 * The arguments in `/proc/PID/cmdline`, each ended by a NUL (proc(5)). Empty for a kernel thread and a zombie. A process
 * that rewrote its title (setproctitle) leaves padding behind, so empty arguments at the end are dropped; anything may
 * stand in the others.
 */
export function commandLineOf(bytes: Uint8Array): string[] {
  let end = Math.min(bytes.length, LONGEST_COMMAND_LINE)
  while (end > 0 && bytes[end - 1] === 0) end--
  return end === 0 ? [] : new TextDecoder().decode(bytes.subarray(0, end)).split('\0')
}

/**
 * The start time in `/proc/PID/stat`, field 22, in clock ticks since boot. The command in field 2 may hold spaces and
 * parentheses, so the fields are counted from the last one. Null for a text that is cut short.
 */
export function startTimeOf(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const text = fields.length > 20 ? fields[19] : undefined
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null
}
