/**
 * Containers on this machine, and pods that kubectl reaches, as hosts: `docker:web`, `kubectl:shop/web-0/app`. The name
 * alone says how a shell is started there, so a page can name one without naming a command.
 */
import { type Carrier, commandCarrier, isSshHost } from './carrier.ts'

/** Their commands have the same options for what is used here. */
export const CONTAINER_PROGRAMS = ['docker', 'podman', 'nerdctl'] as const
export type ContainerProgram = (typeof CONTAINER_PROGRAMS)[number]

/** As they name containers (Docker's RestrictedNamePattern), and Kubernetes its objects (RFC 1123). */
const CONTAINER = /^(docker|podman|nerdctl):([a-zA-Z0-9][a-zA-Z0-9_.-]*)$/
const LABEL = '[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?'
const POD = new RegExp(`^kubectl:(?:(${LABEL})/)?(${LABEL})(?:/(${LABEL}))?$`)

/** Whether it may be given to ssh, or is a container. What has a container's prefix is never given to ssh. */
export function isHostName(name: string): boolean {
  return /^(docker|podman|nerdctl|kubectl):/.test(name) ? containerCommand(name) !== null : isSshHost(name)
}

/** For anyone who typed another name. */
export const HOST_NAMES = 'Use a name that ssh knows, USER@HOST, docker:NAME or kubectl:NAMESPACE/POD.'

/**
 * The command that starts a shell there, which needs no quotes; null for what is not a name of a container.
 * `kubectl:POD`, `kubectl:NAMESPACE/POD`, `kubectl:NAMESPACE/POD/CONTAINER`.
 */
export function containerCommand(name: string): string | null {
  const [, program, container] = CONTAINER.exec(name) ?? []
  if (container !== undefined) return `${program} exec -i ${container} sh`
  const [, namespace, pod, inside] = POD.exec(name) ?? []
  if (pod === undefined) return null
  const where = [...(namespace ? ['-n', namespace] : []), pod, ...(inside ? ['-c', inside] : [])]
  return `kubectl exec -i ${where.join(' ')} -- sh`
}

/** `name`: one that containerCommand accepts, with its command. */
export function containerCarrier(name: string, command: string): Carrier {
  return {
    ...commandCarrier(command),
    name,
    trial: command.replace(/sh$/, 'true'),
    // Of the daemon or cluster; of the shell that cannot be started (docker-run(1), EXIT STATUS); of sh(1) itself.
    failures: [1, 125, 126, 127, 255],
    advice: ADVICE,
  }
}

/** Texts of Docker, Podman (libpod/define/errors.go), containerd and kubectl. */
const ADVICE: NonNullable<Carrier['advice']> = [
  [
    /permission denied while trying to connect|permission denied.*docker\.sock/i,
    'Your user may not use the daemon: ask who administers this machine, or start this program as root.',
  ],
  [/Cannot connect to the Docker daemon/, 'Start the daemon, or check DOCKER_HOST and `docker context ls`.'],
  [
    /["`]sh["`].*(not found|no such file)/i,
    "The image has no shell. Root on the container's host sees its sockets from outside: no shell is needed.",
  ],
  [/No such container|no container with name|NotFound|not found/i, 'Check the name.'],
  [/is not running|container state improper|not in running state/i, 'Start the container.'],
]
