/** What a test run left on the machine: processes, network namespaces, listening sockets. Each is a failure. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const POLL_MS = 100
/** How long an ending process may take: a browser's helpers outlive it for a moment, longer on a busy machine. */
const TIMEOUT_MS = 30_000

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Names in `ip netns` of a run with this mark. */
function namespacesOf(mark) {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  return (stdout ?? '')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`rpi-test-${mark}-`))
}

/** Processes with the run's mark in their environment, or with its directory in their arguments or as their cwd. */
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

/** Listening (TCP) and unconnected (UDP) sockets of this namespace, described. Empty where `ss` is missing. */
function listeningSockets() {
  const { stdout } = spawnSync('ss', ['-H', '-tuln'], { encoding: 'utf8' })
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/))
    .map(([protocol, , , , local]) => `${protocol} socket ${local}`)
}

/**
 * Waits for what is ending anyway, then names and removes what is left. `expected`: the run was interrupted, so it does
 * not wait. `ownNamespaces`: everything in this network namespace belongs to the run, so a remaining socket is a leak;
 * on a shared machine its sockets cannot be distinguished, but the processes that hold them are found by their mark.
 */
export async function removeLeftovers({ mark, directory, ownNamespaces, expected }) {
  const deadline = performance.now() + (expected ? 0 : TIMEOUT_MS)
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
  // A process that ends may leave children that appear only then.
  for (let round = 0; round < 10; round++) {
    const processes = processesOf(mark, directory)
    if (processes.length === 0) break
    for (const { pid } of processes) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // ESRCH: it has ended.
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
