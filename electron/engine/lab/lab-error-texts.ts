/** Texts for what the program could not do: the system call and the kernel's answer decide what to change. */
import type { ErrorCode } from '../../contract/errors.ts'
import { ProgramEnded, ProgramError } from './lab-connection.ts'
import { LabError } from './lab-error.ts'

/** `field`: the part of the request concerned. */
type RefusalText = readonly [code: ErrorCode, cause: string, hint: string | null, field?: string]

const NO_BPF: RefusalText = [
  'FORBIDDEN',
  'loading a BPF program takes CAP_BPF, in the initial user namespace',
  'Run the inspector as root, or steer in another way.',
  'steering',
]
const NO_BPF_HERE: RefusalText = [
  'NOT_IMPLEMENTED',
  'this kernel has no socket arrays (BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, Linux 4.19)',
  'Steer in another way.',
  'steering',
]

const FOR_CALL: Readonly<Record<string, RefusalText>> = {
  'stat ENOENT': ['SERVICE_UNAVAILABLE', 'the lab needs /proc', 'Mount /proc.'],
  'bind EADDRNOTAVAIL': [
    'UNPROCESSABLE_CONTENT',
    'this is not an address of this machine',
    'Use 127.0.0.1 or ::1.',
    'address',
  ],
  'bind EACCES': ['FORBIDDEN', 'privileged port', 'Use a port from 1024 on, or 0 for a free one.', 'port'],
  'bind EADDRINUSE': ['UNPROCESSABLE_CONTENT', 'the port is in use', 'Use another port, or 0 for a free one.', 'port'],
  'listen EADDRINUSE': [
    'UNPROCESSABLE_CONTENT',
    'the port is in use',
    'Use another port, or 0 for a free one.',
    'port',
  ],
  'setsockopt SO_BINDTODEVICE ENODEV': [
    'UNPROCESSABLE_CONTENT',
    'there is no such interface',
    'Choose an existing one.',
    'interface',
  ],
  'setsockopt SO_BINDTODEVICE EPERM': [
    'FORBIDDEN',
    'this user may not bind to an interface',
    'Run the inspector as root.',
    'interface',
  ],
  'getrlimit EMFILE': [
    'UNPROCESSABLE_CONTENT',
    'the descriptor limit is too low for that many',
    'Use fewer listeners, more processes, or raise the limit (ulimit -n).',
  ],
  'traffic EMFILE': [
    'UNPROCESSABLE_CONTENT',
    'the descriptor limit is too low for that many connections',
    'Send fewer, or raise the limit (ulimit -n).',
  ],
  'traffic EALREADY': ['UNPROCESSABLE_CONTENT', 'traffic is already running', 'Wait until it ends, or stop it.'],
  'traffic-stop ENOENT': ['UNPROCESSABLE_CONTENT', 'there is no traffic', null],
  'kernel-lookup EADDRINUSE': [
    'UNPROCESSABLE_CONTENT',
    'a socket outside the lab, with a more specific bind, receives what is sent there',
    'Nothing was sent. `path` shows which socket comes first; use another address or port.',
  ],
  'kernel-lookup ECONNREFUSED': [
    'UNPROCESSABLE_CONTENT',
    'no member receives anything there',
    'Nothing was sent. Add a member.',
  ],
  'add EINVAL': [
    'UNPROCESSABLE_CONTENT',
    'its workers share one listener',
    'Add to a lab with one listener per worker.',
  ],
  'member ENOENT': ['UNPROCESSABLE_CONTENT', 'there is no such member', '`lab list --json` shows the members.'],
  'member ESRCH': ['UNPROCESSABLE_CONTENT', 'that member is closed, or its process has ended', null],
  'bpf BPF_MAP_CREATE EPERM': NO_BPF,
  'bpf BPF_PROG_LOAD EPERM': NO_BPF,
  'bpf BPF_MAP_UPDATE_ELEM EPERM': NO_BPF,
  'bpf BPF_MAP_CREATE ENOSYS': NO_BPF_HERE,
  'bpf BPF_MAP_CREATE EINVAL': NO_BPF_HERE,
  'unshare EPERM': [
    'FORBIDDEN',
    'this user may not create a network namespace',
    'Run the inspector as root, or allow user namespaces.',
  ],
}

const FOR_ERRNO: Readonly<Record<string, RefusalText>> = {
  EMFILE: [
    'UNPROCESSABLE_CONTENT',
    'a process has no file descriptor left',
    'Use fewer listeners, more processes, or raise the limit (ulimit -n).',
    'listeners',
  ],
  ENFILE: ['SERVICE_UNAVAILABLE', 'the machine has no file descriptor left', 'Raise fs.file-max.'],
  ENOMEM: ['SERVICE_UNAVAILABLE', 'the kernel had too little memory, or the group is full', 'Use fewer listeners.'],
  ENOBUFS: ['SERVICE_UNAVAILABLE', 'the kernel had too little memory', 'Use fewer listeners.'],
  EAGAIN: [
    'SERVICE_UNAVAILABLE',
    'no more processes or threads are allowed',
    'Use fewer listeners, or raise the limit (ulimit -u).',
  ],
  EAFNOSUPPORT: ['NOT_IMPLEMENTED', 'protocol not supported by this kernel', 'Use an IPv4 address.'],
  EPERM: ['FORBIDDEN', 'not permitted for this user', 'Run the inspector as root.'],
  EACCES: ['FORBIDDEN', 'not permitted for this user', 'Run the inspector as root.'],
}

/** The refusal for `error`, which came up during `operation`. An error that is not the program's is returned unchanged. */
export function toLabError(operation: string, error: unknown): unknown {
  if (error instanceof ProgramEnded) {
    return new LabError('SERVICE_UNAVAILABLE', operation, 'the lab has ended', 'Open it again.')
  }
  if (!(error instanceof ProgramError)) return error
  const kernel = `${error.call}${error.at === '' ? '' : `, ${error.at}`}: ${error.errno}`
  const words = FOR_CALL[`${error.call} ${error.errno}`] ?? FOR_ERRNO[error.errno]
  if (words === undefined) return new LabError('UNPROCESSABLE_CONTENT', operation, `it was refused (${kernel})`, null)
  const [code, cause, hint, field] = words
  return new LabError(code, operation, `${cause} (${kernel})`, hint, field)
}

/** True where a port could not be bound. */
export function isPortInUse(error: unknown): error is ProgramError {
  return (
    error instanceof ProgramError && error.errno === 'EADDRINUSE' && (error.call === 'bind' || error.call === 'listen')
  )
}
