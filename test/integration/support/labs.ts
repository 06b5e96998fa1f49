/** The lab for tests: requests with their defaults, and the state of a lab seen from outside. */
import { readdirSync, readFileSync } from 'node:fs'
import { LAB_COMMAND } from '../../../electron/contract/constants.ts'
import { type Lab, ListenRequest, TrafficRequest } from '../../../electron/contract/lab.ts'
import { eventually } from './conditions.ts'
import type { Client } from './engine.ts'

export const listening = (given: Partial<ListenRequest> & Pick<ListenRequest, 'protocol'>): ListenRequest =>
  ListenRequest.parse({ address: '127.0.0.1', ...given })

export const sending = (given: Partial<TrafficRequest> & Pick<TrafficRequest, 'id'>): TrafficRequest =>
  TrafficRequest.parse(given)

/** The lab with this id as the engine shows it now; null if it shows none. */
export async function shown(client: Client, id: string): Promise<Lab | null> {
  const { labs } = await client.lab.changes({})
  return labs.find((lab) => lab.id === id) ?? null
}

/** Sends traffic; returns the lab at its end. */
export async function sent(client: Client, given: Parameters<typeof sending>[0]): Promise<Lab> {
  await client.lab.traffic(sending(given))
  return eventually('the traffic has ended', async () => {
    const lab = await shown(client, given.id)
    return lab?.traffic?.endedAt == null ? null : lab
  })
}

/** All live processes of any lab. */
export function labProcesses(): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    const stat = statOf(Number(entry))
    return stat?.includes(`(${LAB_COMMAND})`) === true && !/\) Z /.test(stat) ? [Number(entry)] : []
  })
}

export function lives(pid: number): boolean {
  const stat = statOf(pid)
  return stat !== null && !/\) Z /.test(stat)
}

function statOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
}

/** Waits until no process of the lab and no socket with its name is left. */
export async function nothingLeft(lab: Pick<Lab, 'id' | 'pids' | 'supervisor'>): Promise<void> {
  await eventually(`nothing of lab ${lab.id} is left`, () => {
    const named = readFileSync('/proc/net/unix', 'latin1').includes(`/lab/${process.getuid?.()}/${lab.id}`)
    return ![lab.supervisor, ...lab.pids].some(lives) && !named
  })
}
