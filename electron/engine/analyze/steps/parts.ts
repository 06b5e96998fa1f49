/** Steps that several types of findings have, filled with the processes, ports and units at hand. Pure. */
import type { GroupKey } from '../../../contract/model.ts'
import type { Step, Worker } from '../../../contract/steps.ts'
import { CONFIGURATION_CHECKS } from './configuration-checks.ts'

export type StepFacts = {
  readonly key: Pick<GroupKey, 'id' | 'protocol' | 'port'>
  /** Processes that serve the affected members. */
  readonly workers: readonly Worker[]
  /** Connections or bytes in the queues of the affected members. */
  readonly waiting: number
  /** The queue limit of the affected members, where all have the same. */
  readonly limit: number | null
  readonly somaxconn: number | null
}

/** Processes with commands of their own; the steps for more would be repetitions. */
const MAX_WORKERS = 2
/** A unit's name as systemd allows it (systemd.unit(5)). A backslash is quoted below. */
const UNIT_NAME = /^[A-Za-z0-9:_.@\\-]+$/

/** For a queue that is not emptied. */
export function relieveQueue(facts: StepFacts): Step[] {
  return [
    ...look(facts),
    ...trace(facts, facts.key.protocol === 'tcp' ? 'accept,accept4' : 'recvfrom,recvmsg,recvmmsg'),
    ...backlog(facts),
    ...restart(facts),
  ]
}

/** What each worker waits for. */
export function look({ workers }: StepFacts): Step[] {
  return workers.slice(0, MAX_WORKERS).map(({ pid, state, stateMeaning, waitsIn }) => {
    const now = state === null ? '' : ` Now: ${state} (${stateMeaning ?? 'unknown state'})`
    const where = waitsIn === null ? '' : ` in \`${waitsIn}\``
    return {
      text: `See what process ${pid} waits for.${now}${now === '' ? '' : `${where}.`}`,
      command: `sudo cat /proc/${pid}/stack`,
      cost: null,
    }
  })
}

export function trace({ workers }: StepFacts, calls: string): Step[] {
  return workers.slice(0, 1).map(({ pid }) => ({
    text: 'Watch whether it takes anything from the queue. No line within 10 seconds means that it does not.',
    command: `sudo timeout 10 strace -f -p ${pid} -e trace=${calls}`,
    cost: 'slows the process while it runs',
  }))
}

/** A larger backlog helps only where the limit is that of the namespace. */
export function backlog(facts: StepFacts): Step[] {
  return facts.limit !== null && facts.limit === facts.somaxconn ? raiseSomaxconn(facts) : []
}

export function raiseSomaxconn({ somaxconn }: StepFacts): Step[] {
  const next = Math.max(4096, 2 * (somaxconn ?? 0))
  return [
    {
      text: 'Raise the limit. It applies to the next listen(2): reload or restart the program then.',
      command: `sudo sysctl net.core.somaxconn=${next}`,
      cost: null,
    },
  ]
}

export function restart(facts: StepFacts): Step[] {
  const unit = unitOf(facts)
  if (unit === null) return []
  const waiting =
    facts.key.protocol === 'tcp' && facts.waiting > 0
      ? `resets the ${facts.waiting} connections that wait, and all that are established`
      : 'interrupts the service'
  return [
    { text: 'If it does not recover, restart the service.', command: `sudo systemctl restart ${unit}`, cost: waiting },
  ]
}

export function reload(facts: StepFacts): Step[] {
  const unit = unitOf(facts)
  const commands = new Set(facts.workers.map(({ command }) => command))
  const checks = [...commands].flatMap((command) => CONFIGURATION_CHECKS.get(command) ?? [])
  return [
    ...checks.map((command) => ({ text: 'Check the configuration before it is applied.', command, cost: null })),
    ...(unit === null
      ? []
      : [
          {
            text: 'Apply the change.',
            command: `sudo systemctl reload-or-restart ${unit}`,
            cost: 'may reset connections',
          },
        ]),
  ]
}

export function processes({ workers }: StepFacts): Step[] {
  if (workers.length === 0) return []
  const pids = workers.slice(0, 8).map(({ pid }) => pid)
  return [
    {
      text: 'See when each process started, and from what.',
      command: `ps -o pid,ppid,lstart,args -p ${pids.join(',')}`,
      cost: null,
    },
  ]
}

export function show({ key }: StepFacts): Step {
  return {
    text: 'See the members, their owners and the evidence.',
    command: `reuseport-inspector show ${key.id}`,
    cost: null,
  }
}

/** The systemd unit of all workers, quoted for a shell; null where there is none, or several. */
function unitOf({ workers }: StepFacts): string | null {
  const units = new Set(workers.map(({ unit }) => unit))
  const [unit] = units
  if (units.size !== 1 || unit === null || unit === undefined || !UNIT_NAME.test(unit)) return null
  return unit.includes('\\') ? `'${unit}'` : unit
}
