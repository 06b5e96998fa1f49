/** `groups --hosts`: the groups of several hosts in one table, worst first. */
import { problemOfShortfall } from '../../../engine/index.ts'
import { startFarEngine } from '../../../host/carrier/start-far-engine.ts'
import { HostsFile } from '../../../host/hosts/hosts-file.ts'
import { inParallel } from '../../../host/hosts/in-parallel.ts'
import { carrierTo } from '../../../host/hosts/known-hosts.ts'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { asFailure, formatProblem } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import type { ListOptions } from '../listing/list-options.ts'
import { selectionOf } from '../option-values.ts'
import { fleetPage, type HostSnapshot } from '../pages/fleet-page.ts'
import { print, printError } from '../terminal.ts'

/** Connections at once: each is an ssh, and a hundred of them would be felt. */
const PARALLEL = 8
/** A host that takes longer is left out. */
const HOST_MS = 30_000

/** Prints what could be read. Unreachable where a host could not be reached, else Failed where one was incomplete. */
export async function fleetGroups(
  hosts: readonly string[],
  options: ListOptions,
  { terminal, interruption }: Context,
): Promise<ExitStatus> {
  const signal = interruption()
  const file = new HostsFile()
  let status: ExitStatus = ExitStatus.Success
  const found: HostSnapshot[] = []
  await inParallel(PARALLEL, hosts, async (host) => {
    try {
      const started = await startFarEngine(carrierTo(host, file, 'unattended'), { signal, timeoutMs: HOST_MS })
      try {
        const snapshot = await started.engine
          .client()
          .snapshot({ selection: selectionOf(options), owners: options.owners })
        found.push({ host, snapshot })
        if (options.json === true) await printJsonLine(terminal, snapshot)
      } finally {
        await started.close()
      }
    } catch (error) {
      signal.throwIfAborted()
      status = ExitStatus.Unreachable
      printError(terminal, asFailure(error).message)
    }
  })
  for (const { host, snapshot } of found)
    for (const shortfall of snapshot.shortfalls ?? []) {
      printError(terminal, `${host}: ${formatProblem(problemOfShortfall(shortfall, snapshot.namespaces))}`)
      if (shortfall.kind === 'fault') status ||= ExitStatus.Failed
    }
  if (options.json !== true) await print(terminal, fleetPage(found, hosts, options, terminal))
  return status
}
