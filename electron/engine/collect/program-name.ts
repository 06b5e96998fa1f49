/**
 * The name that people use for a program. Nearly always that is its comm (/proc/PID/stat, proc(5)); but comm is the
 * name of the main thread, which some programs set (Node 24: "MainThread", Varnish: "cache-main"), and for a script
 * that was started through an interpreter it is the interpreter's. Others add a process's role (NSD: "nsd: server 1").
 */

/** Names of main threads that are not their program's. */
const THREADS: ReadonlySet<string> = new Set(['MainThread', 'cache-main'])
const WITH_ROLE = /^(\S+): /
const INTERPRETER = /^(python|perl|ruby)[\d.]*$/
/** Options of these interpreters without an argument. */
const FLAGS = /^-[A-Zabdisuvwx]+$/

/** Whether `comm` alone does not name the program, so that more of the process has to be read. */
export function isGenericName(comm: string): boolean {
  return THREADS.has(comm) || WITH_ROLE.test(comm) || INTERPRETER.test(comm)
}

export type ProcessFacts = {
  readonly comm: string
  /** The target of /proc/PID/exe; null where it cannot be read. */
  readonly executable: string | null
  /** null where it cannot be read. */
  readonly commandLine: readonly string[] | null
  /** The name of the process that forked it, where known. */
  readonly parent: string | null
}

/** The name; `comm` where nothing better is known. At most as long as a comm: the program is not trusted with more. */
export function programName({ comm, executable, commandLine, parent }: ProcessFacts): string {
  const program = fileName(executable ?? commandLine?.[0])
  const role = WITH_ROLE.exec(comm)?.[1]
  if (role !== undefined) return program === role ? role : comm
  const found = THREADS.has(comm) ? program : scriptName(commandLine, parent)
  return found === null ? comm : found.slice(0, 15)
}

/**
 * The script that an interpreter runs. `-m uvicorn` and `/usr/bin/uvicorn` are uvicorn; a worker spawned by
 * multiprocessing has its parent's name.
 */
function scriptName(commandLine: readonly string[] | null, parent: string | null): string | null {
  const [option, ...rest] = (commandLine ?? []).slice(1).filter((argument) => !FLAGS.test(argument))
  if (option === undefined) return null
  if (option === '-m') return rest[0]?.split('.')[0] ?? null
  if (option === '-c')
    return rest[0]?.startsWith('from multiprocessing.') === true && !isGenericName(parent ?? 'python') ? parent : null
  return option.startsWith('-') ? null : fileName(option)
}

function fileName(path: string | undefined): string | null {
  const name = path
    ?.replace(/ \(deleted\)$/, '')
    .split('/')
    .at(-1)
  return name === undefined || name === '' ? null : name
}
