/** A lock file that names its holder. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Runs `action` while holding the lock file at `path`. Waits for another holder, and prints that; a lock whose holder
 * has ended is removed.
 * @param {string} path
 * @param {() => void} action
 */
export function withLock(path, action) {
  mkdirSync(dirname(path), { recursive: true })
  for (let told = false; ; told = true) {
    try {
      writeFileSync(path, `${process.pid} ${birth(process.pid)}`, { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!isHeld(path)) {
        rmSync(path, { force: true })
        continue
      }
      if (!told) process.stderr.write('Waiting for another process that is setting up this checkout …\n')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
  try {
    action()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Whether the holder of the lock still runs: a killed one leaves its file behind, and its pid can be reused. */
function isHeld(path) {
  try {
    const text = readFileSync(path, 'utf8')
    // The file is empty for a moment between its creation and its write.
    if (text === '') return Date.now() - statSync(path).mtimeMs < 1000
    const [pid, ...born] = text.split(' ')
    return birth(pid) === born.join(' ')
  } catch {
    return false
  }
}

/** What distinguishes a process from earlier ones with its pid: boot id, start time (proc_pid_stat(5), field 22). */
function birth(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${start}`
}
