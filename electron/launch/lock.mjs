/** One program at a time: a file that names its holder. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Runs `action` while no other program runs one under the lock file at `path`. Waits for its holder, and says so; a lock
 * whose holder is no more counts for nothing.
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
      if (!told) process.stderr.write('Another start is setting this tree up; waiting for it …\n')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
  try {
    action()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Whether the process that holds the lock still runs: one that was killed leaves it behind, and its number to others. */
function isHeld(path) {
  try {
    const text = readFileSync(path, 'utf8')
    // Between its creation and its writing the file is empty for a moment.
    if (text === '') return Date.now() - statSync(path).mtimeMs < 1000
    const [pid, ...born] = text.split(' ')
    return birth(pid) === born.join(' ')
  } catch {
    return false
  }
}

/** What tells a process from all that had its number before: this boot, and its start in ticks since (field 22 of proc_pid_stat(5)). */
function birth(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${start}`
}
