/** What the program could not do, in words: the call and the kernel's answer say what to change. */
import { ProgramError, ProgramGone } from './dialogue.ts'
import { Refusal, type RefusalCode } from './refusal.ts'

/** `field`: the part of the request that it concerns. */
type Words = readonly [code: RefusalCode, happened: string, remedy: string | null, field?: string]

const FOR_CALL: Readonly<Record<string, Words>> = {
  'stat ENOENT': ['SERVICE_UNAVAILABLE', 'the lab needs /proc', 'Mount /proc.'],
  'bind EADDRNOTAVAIL': [
    'UNPROCESSABLE_CONTENT',
    'that is no address of this machine',
    'Take 127.0.0.1 or ::1.',
    'address',
  ],
  'bind EACCES': ['FORBIDDEN', 'this port is for root', 'Take a port from 1024 on, or 0 for a free one.', 'port'],
  'bind EADDRINUSE': ['UNPROCESSABLE_CONTENT', 'the port is in use', 'Take another port, or 0 for a free one.', 'port'],
  'listen EADDRINUSE': [
    'UNPROCESSABLE_CONTENT',
    'the port is in use',
    'Take another port, or 0 for a free one.',
    'port',
  ],
  'setsockopt SO_BINDTODEVICE ENODEV': [
    'UNPROCESSABLE_CONTENT',
    'there is no such interface',
    'Choose one that is there.',
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
    'the descriptor limit does not allow so many',
    'Take fewer, more processes, or raise the limit (ulimit -n).',
  ],
  'traffic EMFILE': [
    'UNPROCESSABLE_CONTENT',
    'the descriptor limit does not allow to hold so many connections',
    'Send fewer, or raise the limit (ulimit -n).',
  ],
  'traffic EALREADY': ['UNPROCESSABLE_CONTENT', 'traffic is running already', 'Wait for its end, or stop it.'],
  'traffic-stop ENOENT': ['UNPROCESSABLE_CONTENT', 'there was no traffic', null],
  'oracle EADDRINUSE': [
    'UNPROCESSABLE_CONTENT',
    'a socket that is not of the lab, and bound more closely, takes what comes to it',
    'Nothing was sent. `path` shows who stands before whom; take another address or port.',
  ],
  'oracle ECONNREFUSED': ['UNPROCESSABLE_CONTENT', 'no member takes anything there', 'Nothing was sent. Add a member.'],
  'add EINVAL': ['UNPROCESSABLE_CONTENT', 'its workers share one listener', 'Add to a lab with a listener each.'],
  'member ENOENT': ['UNPROCESSABLE_CONTENT', 'there is no such member', '`lab list --json` shows the members.'],
  'member ESRCH': ['UNPROCESSABLE_CONTENT', 'that member has closed, or its process has ended', null],
  'unshare EPERM': [
    'FORBIDDEN',
    'this user may not make a network namespace',
    'Run the inspector as root, or allow user namespaces.',
  ],
}

const FOR_ERRNO: Readonly<Record<string, Words>> = {
  EMFILE: [
    'UNPROCESSABLE_CONTENT',
    'a process has no descriptor left',
    'Take fewer, more processes, or raise the limit (ulimit -n).',
    'listeners',
  ],
  ENFILE: ['SERVICE_UNAVAILABLE', 'the machine has no descriptor left', 'Raise fs.file-max.'],
  ENOMEM: ['SERVICE_UNAVAILABLE', 'the kernel had no memory, or the group is full', 'Take fewer listeners.'],
  ENOBUFS: ['SERVICE_UNAVAILABLE', 'the kernel had no memory', 'Take fewer listeners.'],
  EAGAIN: [
    'SERVICE_UNAVAILABLE',
    'no more processes or threads are allowed',
    'Take fewer listeners, or raise the limit (ulimit -u).',
  ],
  EAFNOSUPPORT: ['NOT_IMPLEMENTED', 'this kernel does not speak that protocol', 'Take an IPv4 address.'],
  EPERM: ['FORBIDDEN', 'this user may not', 'Run the inspector as root.'],
  EACCES: ['FORBIDDEN', 'this user may not', 'Run the inspector as root.'],
}

/** The words for `error`, which came while `asked` was asked. Anything that is not the program's stays what it is. */
export function refusalOf(asked: string, error: unknown): unknown {
  if (error instanceof ProgramGone) {
    return new Refusal('SERVICE_UNAVAILABLE', asked, 'the lab has ended', 'Open it again.')
  }
  if (!(error instanceof ProgramError)) return error
  const kernel = `${error.call}${error.at === '' ? '' : `, ${error.at}`}: ${error.errno}`
  const words = FOR_CALL[`${error.call} ${error.errno}`] ?? FOR_ERRNO[error.errno]
  if (words === undefined) return new Refusal('UNPROCESSABLE_CONTENT', asked, `it was refused (${kernel})`, null)
  const [code, happened, remedy, field] = words
  return new Refusal(code, asked, `${happened} (${kernel})`, remedy, field)
}

/** True where a port could not be had. */
export function isPortInUse(error: unknown): error is ProgramError {
  return (
    error instanceof ProgramError && error.errno === 'EADDRINUSE' && (error.call === 'bind' || error.call === 'listen')
  )
}
