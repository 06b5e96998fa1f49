/**
 * Runs screenshots.ts (Node 20 does not run TypeScript by itself) in its own namespaces, so that nothing else on this
 * machine is in the screenshots. Needs root: `node test/desktop/screenshots.mjs`.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const INSIDE = '--inside'
const script = fileURLToPath(import.meta.url)

if (process.argv.includes(INSIDE)) {
  const { module } = await runnerImport(fileURLToPath(new URL('./screenshots.ts', import.meta.url)), {
    configFile: false,
    logLevel: 'error',
    // `await using` is newer than Node 20.
    oxc: { target: 'node20' },
  })
  await module.takeScreenshots()
} else {
  // The client that a group's screen asks about is not one of those that connect here.
  const ports = 'echo 20000 49999 > /proc/sys/net/ipv4/ip_local_port_range'
  const prepare = `mkdir -p /run/netns && mount -t tmpfs none /run/netns && hostname edge-07 && ip link set lo up && ${ports} && exec "$@"`
  const unshare = ['--net', '--pid', '--mount', '--uts', '--fork', '--mount-proc', 'sh', '-c', prepare, 'sh']
  const { status } = spawnSync('unshare', [...unshare, process.execPath, script, INSIDE], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
