/** What a process's cgroup says: its systemd unit and its container. Pure: text in, facts out. */

export type Container = { readonly runtime: string; readonly id: string }

/** A place in the cgroup tree, and what its name says. */
export type Placement = {
  /** Path in the cgroup tree as this process sees it; null where no hierarchy has one. */
  readonly cgroup: string | null
  /**
   * The innermost systemd unit, named as systemctl names it (`\x2d` stays); inside a container, a unit of the
   * container.
   */
  readonly unit: string | null
  readonly container: Container | null
}

/** For a process whose cgroup cannot be read. */
export const UNKNOWN_PLACEMENT: Placement = { cgroup: null, unit: null, container: null }

/** Parses the text of `/proc/PID/cgroup` (cgroups(7)). */
export function placementOf(text: string): Placement {
  const cgroup = cgroupPath(text)
  if (cgroup === null) return UNKNOWN_PLACEMENT
  return { cgroup, unit: unitOf(cgroup), container: containerOf(cgroup) }
}

/**
 * The most informative path: that of cgroup v2; where this is the root, as in hybrid setups and in Docker on cgroup v1,
 * the one in systemd's own hierarchy, then any other. Null for a text without a path.
 */
export function cgroupPath(text: string): string | null {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    // "hierarchy:controllers:path": a path may hold colons, a controller's name may not.
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/s.exec(line) ?? []
    // The kernel marks the removed cgroup of a process (cgroups(7)).
    if (controllers !== undefined && path !== undefined) paths.set(controllers, path.replace(/ \(deleted\)$/, ''))
  }
  const inOrder = [paths.get(''), paths.get('name=systemd'), ...paths.values()]
  return (
    inOrder.find((path) => path !== undefined && path !== '/') ?? inOrder.find((path) => path !== undefined) ?? null
  )
}

const UNIT = /^[\w:.\\@-]{1,240}\.(?:service|scope|socket|mount|swap)$/
const SLICE = /^[\w:.\\@-]{1,240}\.slice$/

/**
 * The innermost unit in a cgroup path: in a user manager the service that it runs, in a service that divides its own
 * tree the service itself; a slice only where a process is in it directly. Null without systemd.
 */
export function unitOf(cgroup: string): string | null {
  const parts = cgroup.split('/').map(unescapedPart)
  return parts.findLast((part) => UNIT.test(part)) ?? parts.findLast((part) => SLICE.test(part)) ?? null
}

/** systemd puts `_` before a name that could be taken for a cgroup's own file (cg_escape() in cgroup-util.c). */
function unescapedPart(part: string): string {
  return part.startsWith('_') ? part.slice(1) : part
}

/** How runtimes name the cgroup of a container. The id is group 1. Innermost part first, first match wins. */
const CONTAINER_PARTS: readonly (readonly [RegExp, runtime: string])[] = [
  // Under systemd, one scope per container. A container's monitor (conmon) is outside it.
  [/^docker-([0-9a-f]{64})\.scope$/, 'docker'],
  [/^libpod-([0-9a-f]{64})(?:\.scope)?$/, 'podman'],
  [/^cri-containerd-([0-9a-f]{64})\.scope$/, 'containerd'],
  [/^nerdctl-([0-9a-f]{64})\.scope$/, 'containerd'],
  [/^crio-([0-9a-f]{64})(?:\.scope)?$/, 'cri-o'],
  // containerd configured with a systemd slice while it manages the tree itself: "SLICE:cri-containerd:ID".
  [/:cri-containerd:([0-9a-f]{64})$/, 'containerd'],
  [/^lxc\.payload\.(.+)$/s, 'lxc'],
  [/^systemd-nspawn@(.+)\.service$/s, 'systemd-nspawn'],
  // Machines registered with machined(8); those of libvirt's QEMU are not containers.
  [/^machine-(?!qemu\\x2d)(.+)\.scope$/s, 'systemd-nspawn'],
]

/** Runtimes that manage the tree themselves: the part before the container's. */
const CONTAINER_PARENTS: readonly (readonly [parent: RegExp, id: RegExp, runtime: string])[] = [
  [/^docker$/, /^([0-9a-f]{64})$/, 'docker'],
  [/^lxc(?:\.payload)?$/, /^(?!lxc\.monitor)(.+)$/s, 'lxc'],
  [/^pod[0-9a-f]{8}[-_]?[0-9a-f-_]+$/, /^([0-9a-f]{64})$/, 'kubernetes'],
  [/^kubepods.*-pod[0-9a-f_]+\.slice$/, /^([0-9a-f]{64})$/, 'kubernetes'],
  // A namespace of containerd, such as "default" or "k8s.io".
  [/^(?:default|k8s\.io|moby)$/, /^([0-9a-f]{64})$/, 'containerd'],
]

/**
 * The container in a cgroup path: the innermost of nested ones. Null where the path names none, which does not prove
 * that there is none: the path is relative to the reader's own cgroup namespace.
 */
export function containerOf(cgroup: string): Container | null {
  const parts = cgroup.split('/').filter((part) => part !== '')
  for (let at = parts.length - 1; at >= 0; at--) {
    const part = unescapedPart(parts[at] ?? '')
    for (const [pattern, runtime] of CONTAINER_PARTS) {
      const id = pattern.exec(part)?.[1]
      if (id !== undefined) return { runtime, id: unescapedName(id) }
    }
    const parent = parts[at - 1]
    if (parent === undefined) continue
    for (const [parentPattern, pattern, runtime] of CONTAINER_PARENTS) {
      const id = parentPattern.test(parent) ? pattern.exec(part)?.[1] : undefined
      if (id !== undefined) return { runtime, id }
    }
  }
  return null
}

/** Undoes systemd-escape(1): the name of a machine `my-box` appears in its scope as `my\x2dbox`. */
function unescapedName(name: string): string {
  if (!name.includes('\\x')) return name
  const bytes = name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** As `docker ps` shows it: the first 12 digits of an id, all of a name. */
export function shortContainerName({ id }: Container): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id
}
