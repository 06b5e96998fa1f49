/** `lab listen`: opens test listeners and keeps them open until they are ended. */
import type { Lab, LabEnd, ListenRequest } from '../../../contract/lab.ts'
import type { Client, Context } from '../context.ts'
import { asFailure, type ExitStatus, Failure } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { followLab } from '../lab/follow.ts'
import { linesOf, mayRead, obey, parseOrder } from '../lab/orders.ts'
import { complain, print } from '../terminal.ts'

export type LabListenOptions = Pick<
  ListenRequest,
  | 'protocol'
  | 'address'
  | 'port'
  | 'listeners'
  | 'processes'
  | 'reuseport'
  | 'backlog'
  | 'taking'
  | 'waiting'
  | 'steering'
  | 'answer'
  | 'minutes'
> & {
  readonly join?: boolean
  readonly user?: string
  readonly reuseaddr?: boolean
  readonly v6only?: boolean
  readonly interface?: string
  readonly incomingCpu?: boolean
  readonly receiveBuffer?: number
  readonly accepting: ListenRequest['accepting']['mode']
  /** The member's number, from 1. */
  readonly steeredTo: number
  /** Milliseconds. */
  readonly delay: number
  readonly json?: boolean
}

/** Opens them, prints them, and waits. Status 1 where they ended unexpectedly. */
export async function labListen(options: LabListenOptions, context: Context): Promise<ExitStatus> {
  const { accepting, delay, steeredTo, json, ...rest } = options
  const interrupted = context.interruption()
  const client = await context.connect()
  const lab = await client.lab.listen({
    ...rest,
    steeredTo: steeredTo - 1,
    accepting: { mode: accepting, delayMs: delay },
  })
  const show = shower(json === true, context)
  await show(lab)
  const orders = takeOrders(client, lab, show, context)
  return Promise.race([held(client, lab, interrupted, context), orders])
}

/** Resolves when they have ended: 0 where they were stopped or their time was up. */
async function held(client: Client, lab: Lab, interrupted: AbortSignal, { terminal }: Context): Promise<ExitStatus> {
  const ended = await endOf(client, lab, interrupted)
  // The lab's program ends by its own clock, which may be slightly ahead.
  if (interrupted.aborted || Date.now() >= Date.parse(lab.endsAt) - 1000) return 0
  if (ended?.inOrder !== true) {
    throw new Failure(`Lab ${lab.id} ended early: its processes were killed.`)
  }
  terminal.complain(`Lab ${lab.id} was stopped.\n`)
  return 0
}

/** How it ended; undefined where that is unknown. */
async function endOf(client: Client, lab: Lab, interrupted: AbortSignal): Promise<LabEnd | undefined> {
  let end: LabEnd | undefined
  try {
    await followLab(client, interrupted, ({ labs, ended }) => {
      end = ended.find(({ id }) => id === lab.id)
      return !labs.some(({ id }) => id === lab.id)
    })
  } catch (error) {
    if (!interrupted.aborted) throw error
  }
  return end
}

/** Never resolves: the listeners stay open at end of input. */
async function takeOrders(
  client: Client,
  lab: Lab,
  show: (lab: Lab) => Promise<void>,
  { input, terminal }: Context,
): Promise<never> {
  if (mayRead()) {
    for await (const text of linesOf(input())) {
      if (text.trim() === '') continue
      try {
        await show(await obey(client, lab.id, parseOrder(text)))
      } catch (error) {
        complain(terminal, asFailure(error).message)
      }
    }
  }
  return new Promise(() => {})
}

function shower(json: boolean, { terminal }: Context): (lab: Lab) => Promise<void> {
  return async (lab) => {
    if (json) return printJsonLine(terminal, lineOf(lab))
    const { labPage } = await import('../pages/lab-page.ts')
    await print(terminal, labPage(lab, terminal.width))
  }
}

/** The Lab as a script reads it: the fields it needs most come first. */
function lineOf({ id, address, port, pids, ...rest }: Lab) {
  return { id, address, port, pids, cookies: rest.members.map(({ cookie }) => cookie), ...rest }
}
