/** Parsers for the texts of /proc/PID. Pure: bytes in, facts out. */

/** A longer command line is cut: it can be two megabytes, and no one reads that. */
const MAX_COMMAND_LINE = 64 * 1024

/**
 * The arguments in `/proc/PID/cmdline`, each ended by a NUL (proc(5)). Empty for a kernel thread and a zombie. A
 * process that rewrote its title (setproctitle) leaves padding behind, so empty arguments at the end are dropped; the
 * others may contain anything.
 */
export function commandLineOf(bytes: Uint8Array): string[] {
  let end = Math.min(bytes.length, MAX_COMMAND_LINE)
  while (end > 0 && bytes[end - 1] === 0) end--
  return end === 0 ? [] : new TextDecoder().decode(bytes.subarray(0, end)).split('\0')
}

/**
 * The start time in `/proc/PID/stat`, field 22, in clock ticks since boot. The command in field 2 may contain spaces
 * and parentheses, so fields are counted from the last parenthesis. Null for truncated text.
 */
export function startTimeOf(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const text = fields.length > 20 ? fields[19] : undefined
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null
}
