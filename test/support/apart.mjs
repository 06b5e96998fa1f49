/**
 * Runs stages in their own PID, network and mount namespaces: lanes that run in parallel share no processes, sockets,
 * ports or names of network namespaces.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const UNSHARE = ['unshare', '--net', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child', '--']
const FURNISH = 'mkdir -p /run/netns && mount -t tmpfs -o mode=755 tmpfs /run/netns && ip link set lo up'
/** In addition to the time of its stages: for finding what they left behind. */
const MORE_MINUTES = 1

/** Why stages cannot run apart here; null where they can. */
export function cannotRunApart() {
  const [command, ...args] = [...UNSHARE, 'sh', '-c', FURNISH]
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? null : error?.message || stderr.trim() || `unshare ended with status ${status}`
}

/** A command that runs this one apart: the file to start, then its arguments. When it ends, all processes there end. */
export function apart(command) {
  // The shell is process 1 there, and reaps orphans.
  return [...UNSHARE, 'sh', '-c', `${FURNISH} && "$@"; exit $?`, 'sh', ...command]
}

/**
 * These stages, or the part "K/N" of their files, as one stage that runs them apart: the test command runs them there and
 * looks for leftovers.
 */
export function apartStage(stages, names, shard, root) {
  const name = stages.map((stage) => stage.name).join(',')
  const part = shard === undefined ? [] : ['--shard', shard]
  const command = [process.execPath, join(root, 'test/run.mjs'), '--no-setup', '--only', name, ...part, ...names]
  return {
    name: shard === undefined ? name : `${name} ${shard.replace('/', ' of ')}`,
    command: apart(['sh', '-c', 'exec "$@" --report "$RPI_TEST_REPORT"', 'sh', ...command]),
    counts: 'lane',
    minutes: stages.reduce((sum, { minutes }) => sum + minutes, MORE_MINUTES),
  }
}
