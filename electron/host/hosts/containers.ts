/** The containers that run on this machine, as the programs that manage them list them. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KnownHost } from '../../contract/hosts.ts'
import { CONTAINER_PROGRAMS, type ContainerProgram, containerCommand } from '../carrier/container.ts'

/** A daemon that does not answer is left out: the name can still be typed. */
const LIST_MS = 3000
const MAX_CONTAINERS = 500

/** Pods are not listed: that could ask for a login at the cluster. */
export async function runningContainers(): Promise<KnownHost[]> {
  const asked = CONTAINER_PROGRAMS.filter((program) => program !== 'podman' || isPodmanUsed())
  return (await Promise.all(asked.map(listed))).flat()
}

/**
 * Whether podman can have containers of this user: an ordinary user's are held together by a process, which `podman ps`
 * would start, and leave behind, where there is none (GetRootlessPauseProcessPidPath in podman's pkg/util).
 */
export function isPodmanUsed({ env, uid = process.getuid?.() } = { env: process.env }): boolean {
  if (uid === 0) return true
  const folders = [env.XDG_RUNTIME_DIR, `/run/user/${uid}`, join(tmpdir(), `podman-run-${uid}`)]
  return folders.some((folder) => folder !== undefined && existsSync(join(folder, 'libpod/tmp/pause.pid')))
}

/** None where the program is not installed, or refuses. */
function listed(program: ContainerProgram): Promise<KnownHost[]> {
  return new Promise((resolve) => {
    const list = ['ps', '--format', '{{.Names}}\t{{.Image}}']
    execFile(program, list, { timeout: LIST_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 20 }, (error, out) =>
      resolve(error === null ? parseContainers(program, out) : []),
    )
  })
}

/** Lines of names, separated by commas, and the image. Names that this program could not use are left out. */
export function parseContainers(program: ContainerProgram, out: string): KnownHost[] {
  return out
    .split('\n')
    .slice(0, MAX_CONTAINERS)
    .flatMap((line) => {
      const [names = '', image = ''] = line.split('\t')
      const name = `${program}:${names.split(',')[0]}`
      const via = name.length > 255 ? null : containerCommand(name)
      if (via === null) return []
      return [{ name, via, origin: 'container' as const, detail: image.slice(0, 300) || null, lastConnectedAt: null }]
    })
}
