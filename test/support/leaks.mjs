/** What a test run left on the machine: processes, network namespaces, listening sockets. Each is a failure. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const POLL_MS = 100
/** A process that was told to end may take this long: a browser's helpers outlive it by a moment, on a busy machine by more. */
const GRACE_MS = 30_000

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Lines of `ip netns` that a run with this mark made. */
function namespacesOf(mark) {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  return (stdout ?? '')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`rpi-test-${mark}-`))
}

/** Processes that carry the run's mark in their environment, or name its directory in their arguments or as their place. */
function processesOf(mark, directory) {
  const found = []
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const read = (what) => {
      try {
        return what()
      } catch {
        return ''
      }
    }
    const environment = read(() => readFileSync(`/proc/${pid}/environ`, 'latin1'))
    const commandLine = read(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
    const place = read(() => readlinkSync(`/proc/${pid}/cwd`))
    const state = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1')).split(') ')[1]?.[0]
    if (state === 'Z' || state === undefined) continue
    if (
      environment.includes(`RPI_TEST_RUN=${mark}\0`) ||
      commandLine.includes(directory) ||
      place.startsWith(directory)
    ) {
      found.push({ pid, command: commandLine.replaceAll('\0', ' ').trim().slice(0, 200) })
    }
  }
  return found
}

/** Sockets that listen (TCP) or are unconnected (UDP) in this namespace, each as a line of words. Empty where `ss` is missing. */
function listeningSockets() {
  const { stdout } = spawnSync('ss', ['-H', '-tuln'], { encoding: 'utf8' })
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/))
    .map(([protocol, , , , local]) => `${protocol} socket ${local}`)
}

/**
 * Waits a moment for what is ending anyway, names what is still there, and removes it. `expected`: the run was
 * interrupted, so what is left is not waited for. `ownNamespaces`: all that is in this network namespace is of the run, so
 * a socket that is left is one too; on a machine that others use no socket can be told from theirs, and the processes that
 * hold ours are found by their mark.
 */
export async function removeLeftovers({ mark, directory, ownNamespaces, expected }) {
  const deadline = performance.now() + (expected ? 0 : GRACE_MS)
  const left = () => ({
    processes: processesOf(mark, directory),
    namespaces: namespacesOf(mark),
    sockets: ownNamespaces ? listeningSockets() : [],
  })
  const any = (found) => found.processes.length + found.namespaces.length + found.sockets.length > 0
  let found = left()
  while (any(found) && performance.now() < deadline) {
    await sleep(POLL_MS)
    found = left()
  }
  // A process that ends may have children that show only then.
  for (let round = 0; round < 10; round++) {
    const processes = processesOf(mark, directory)
    if (processes.length === 0) break
    for (const { pid } of processes) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // ESRCH: gone meanwhile.
      }
    }
    await sleep(POLL_MS)
  }
  for (const name of namespacesOf(mark)) spawnSync('ip', ['netns', 'del', name])
  return [
    ...found.processes.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...found.namespaces.map((name) => `network namespace ${name}`),
    ...found.sockets,
  ]
}
