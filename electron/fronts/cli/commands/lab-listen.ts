/** `lab listen`: opens test listeners and keeps them open until they are ended. */
import type { Lab, LabEnd, ListenRequest } from '../../../contract/lab.ts'
import type { Client, Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { asFailure, Failure } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { canReadInput, linesOf, parseLabCommand, runLabCommand } from '../lab/commands.ts'
import { labDocument } from '../lab/document.ts'
import { followLab } from '../lab/follow.ts'
import { print, printError } from '../terminal.ts'

export type LabListenOptions = Pick<
  ListenRequest,
  | 'protocol'
  | 'address'
  | 'port'
  | 'listeners'
  | 'processes'
  | 'reuseport'
  | 'backlog'
  | 'acceptModel'
  | 'waitStrategy'
  | 'steering'
  | 'reply'
> & {
  readonly join?: boolean
  readonly user?: string
  readonly reuseaddr?: boolean
  readonly v6only?: boolean
  readonly interface?: string
  readonly incomingCpu?: boolean
  readonly receiveBuffer?: number
  readonly acceptBehavior: ListenRequest['acceptBehavior']['mode']
  /** The member's number, from 1. */
  readonly steerTo: number
  /** Milliseconds. */
  readonly delay: number
  /** Milliseconds. */
  readonly duration: number
  readonly json?: boolean
}

/** Opens them, prints them, and waits. Throws a Failure where they ended unexpectedly. */
export async function labListen(options: LabListenOptions, context: Context): Promise<ExitStatus> {
  const { acceptBehavior, delay, duration, steerTo, json, ...rest } = options
  const interrupted = context.interruption()
  const client = await context.connect()
  const lab = await client.lab.listen({
    ...rest,
    steerTo: steerTo - 1,
    acceptBehavior: { mode: acceptBehavior, delayMs: delay },
    minutes: duration / 60_000,
  })
  const show = labPrinter(json === true, context)
  await show(lab)
  const commands = runCommands(client, lab, show, context)
  return Promise.race([waitForEnd(client, lab, interrupted, context), commands])
}

/** Resolves when they were stopped or their time was up. Throws a Failure where they ended otherwise. */
async function waitForEnd(
  client: Client,
  lab: Lab,
  interrupted: AbortSignal,
  { terminal }: Context,
): Promise<ExitStatus> {
  const ended = await endOf(client, lab, interrupted)
  // The lab's program ends by its own clock, which may be slightly ahead.
  if (interrupted.aborted || Date.now() >= Date.parse(lab.endsAt) - 1000) return ExitStatus.Success
  if (ended?.clean !== true) {
    throw new Failure(`Lab ${lab.id} ended early: its processes were killed.`)
  }
  terminal.writeError(`Lab ${lab.id} was stopped.\n`)
  return ExitStatus.Success
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
async function runCommands(
  client: Client,
  lab: Lab,
  show: (lab: Lab) => Promise<void>,
  { input, terminal }: Context,
): Promise<never> {
  if (canReadInput()) {
    for await (const text of linesOf(input())) {
      if (text.trim() === '') continue
      try {
        await show(await runLabCommand(client, lab.id, parseLabCommand(text)))
      } catch (error) {
        printError(terminal, asFailure(error).message)
      }
    }
  }
  return new Promise(() => {})
}

function labPrinter(json: boolean, { terminal }: Context): (lab: Lab) => Promise<void> {
  return async (lab) => {
    if (json) return printJsonLine(terminal, labDocument(lab))
    const { labPage } = await import('../pages/lab-page.ts')
    await print(terminal, labPage(lab, terminal.width))
  }
}
