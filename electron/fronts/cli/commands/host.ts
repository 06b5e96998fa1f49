/** `host list`, `host add`, `host remove`, `host clean`. */
import { ROOT_HERE } from '../../../contract/constants.ts'
import { cleanHost } from '../../../host/carrier/clean-host.ts'
import { runningContainers } from '../../../host/hosts/containers.ts'
import { HostsFile } from '../../../host/hosts/hosts-file.ts'
import { carrierTo, knownHosts } from '../../../host/hosts/known-hosts.ts'
import type { Context } from '../context.ts'
import { Failure, usageError } from '../failure.ts'
import { pluralize } from '../format.ts'
import { documentOf, printJson } from '../json.ts'
import { table } from '../layout.ts'
import { hostColumns } from '../tables/hosts-table.ts'
import { print } from '../terminal.ts'
import { line } from '../text.ts'

export async function hostList({ json }: { json?: boolean }, { terminal }: Context): Promise<void> {
  const known = knownHosts(new HostsFile())
  const names = new Set(known.map(({ name }) => name))
  const hosts = [...known, ...(await runningContainers()).filter(({ name }) => !names.has(name))]
  if (json === true) return printJson(terminal, documentOf('hosts', { hosts }))
  if (hosts.length === 0)
    return print(terminal, [
      line(
        'No hosts: the ssh configuration names none, none was added, and no container runs here. `host add HOST` adds one.',
      ),
    ])
  await print(terminal, table(hostColumns(), hosts, terminal.width))
}

/** Throws a Failure for the name that a page has for this machine. */
export async function hostAdd(name: string, { via }: { via?: string }, { terminal }: Context): Promise<void> {
  if (name === ROOT_HERE) throw usageError(`"${name}" is what a page calls this machine. Choose another name.`)
  new HostsFile().add(name, via ?? null)
  await print(terminal, [line(`Added ${name}. \`groups --host ${name}\` reads it.`)])
}

/** Throws a Failure where it is not in the list. */
export async function hostRemove(name: string, { terminal }: Context): Promise<void> {
  if (!new HostsFile().remove(name))
    throw new Failure(`${name} was neither added nor connected before. \`host list\` shows the known hosts.`)
  await print(terminal, [line(`Removed ${name}.`)])
}

/** Throws Unreachable. */
export async function hostClean(name: string, { terminal, interruption }: Context): Promise<void> {
  const removed = await cleanHost(carrierTo(name, new HostsFile()), interruption())
  const sentence =
    removed === 0
      ? `Nothing of this program was on ${name}.`
      : `${pluralize(removed, 'file or folder', 'files and folders')} removed: nothing of this program is left on ${name}.`
  await print(terminal, [line(sentence)])
}
