/**
 * Stages in namespaces of their own for processes, network and mounts: lanes that run side by side see nothing of each
 * other, neither processes nor sockets, neither ports nor names of network namespaces.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const UNSHARE = ['unshare', '--net', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child', '--']
const FURNISH = 'mkdir -p /run/netns && mount -t tmpfs -o mode=755 tmpfs /run/netns && ip link set lo up'
/** Beyond what its stages may take, for looking at what they left behind. */
const MORE_MINUTES = 1

/** Why stages cannot run apart here; null where they can. */
export function cannotRunApart() {
  const [command, ...args] = [...UNSHARE, 'sh', '-c', FURNISH]
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? null : error?.message || stderr.trim() || `unshare ended with status ${status}`
}

/** A command that runs this one apart: the file to start, then its arguments. When it ends, all that is in there ends. */
export function apart(command) {
  // The shell is the first process there, and collects what has no parent left.
  return [...UNSHARE, 'sh', '-c', `${FURNISH} && "$@"; exit $?`, 'sh', ...command]
}

/** These stages as one that runs them apart: the test command does it, and looks there for what they left behind. */
export function apartStage(stages, root) {
  const name = stages.map((stage) => stage.name).join(',')
  const command = [process.execPath, join(root, 'test/run.mjs'), '--no-setup', '--only', name]
  return {
    name,
    command: apart(['sh', '-c', 'exec "$@" --report "$RPI_TEST_REPORT"', 'sh', ...command]),
    counts: 'lane',
    minutes: stages.reduce((sum, { minutes }) => sum + minutes, MORE_MINUTES),
  }
}
