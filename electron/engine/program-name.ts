/**
 * What people call a program. That is its comm (/proc/PID/stat, proc(5)) nearly always; but comm is the name of the main
 * thread, which some programs give to it (Node 24: "MainThread", Varnish: "cache-main"), and of a script that was not
 * started by its own name it is only the interpreter's. Others add what each process does (NSD: "nsd: server 1").
 */

/** Names of main threads that are not their program's. */
const THREADS: ReadonlySet<string> = new Set(['MainThread', 'cache-main'])
const WITH_ROLE = /^(\S+): /
const INTERPRETER = /^(python|perl|ruby)[\d.]*$/
/** Options of these that take no argument. */
const FLAGS = /^-[A-Zabdisuvwx]+$/

/** Whether `comm` is such that more of the process has to be read to name its program. */
export function isVague(comm: string): boolean {
  return THREADS.has(comm) || WITH_ROLE.test(comm) || INTERPRETER.test(comm)
}

export type ProcessFacts = {
  readonly comm: string
  /** What /proc/PID/exe points to; null where it may not be read. */
  readonly executable: string | null
  /** null where it may not be read. */
  readonly commandLine: readonly string[] | null
  /** The name of the process that forked it, where that is known. */
  readonly parent: string | null
}

/** The name; `comm` where nothing better can be told. As long as comm may be: the program is not trusted with more. */
export function programName({ comm, executable, commandLine, parent }: ProcessFacts): string {
  const program = fileName(executable ?? commandLine?.[0])
  const role = WITH_ROLE.exec(comm)?.[1]
  if (role !== undefined) return program === role ? role : comm
  const found = THREADS.has(comm) ? program : scriptName(commandLine, parent)
  return found === null ? comm : found.slice(0, 15)
}

/** The script that an interpreter runs. `-m uvicorn` and `/usr/bin/uvicorn` are uvicorn; a worker that multiprocessing spawned is its parent's. */
function scriptName(commandLine: readonly string[] | null, parent: string | null): string | null {
  const [option, ...rest] = (commandLine ?? []).slice(1).filter((argument) => !FLAGS.test(argument))
  if (option === undefined) return null
  if (option === '-m') return rest[0]?.split('.')[0] ?? null
  if (option === '-c')
    return rest[0]?.startsWith('from multiprocessing.') === true && !isVague(parent ?? 'python') ? parent : null
  return option.startsWith('-') ? null : fileName(option)
}

function fileName(path: string | undefined): string | null {
  const name = path
    ?.replace(/ \(deleted\)$/, '')
    .split('/')
    .at(-1)
  return name === undefined || name === '' ? null : name
}
