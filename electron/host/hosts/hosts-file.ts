/**
 * The hosts that were added or connected before: `hosts.json`, one file for window, browser and terminal. It is read
 * again for every change, because several of them may run at once.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { HostName } from '../../contract/hosts.ts'
import { configFolder, EngineError, reasonOf, replaceFile } from '../../engine/index.ts'

/** What an added host has; `via` is null for one that ssh reaches. */
const StoredHost = z.object({
  name: HostName,
  via: z.string().max(4000).nullable().default(null),
  /** By `host add`: it stays in the list until it is removed. */
  added: z.boolean().default(false),
  lastConnectedAt: z.iso.datetime().nullable().default(null),
})
export type StoredHost = z.infer<typeof StoredHost>

const StoredHosts = z.object({ hosts: z.array(StoredHost) })

/** Hosts that were only connected are remembered up to this number, the latest of them. */
const MAX_RECENT = 30
const MAX_BYTES = 1 << 20

export class HostsFile {
  readonly path: string

  constructor(path = join(configFolder(), 'hosts.json')) {
    this.path = path
  }

  /** Empty where there is no file. Throws an EngineError for one that is not ours: it is not overwritten. */
  read(): readonly StoredHost[] {
    let text: string
    try {
      const status = statSync(this.path)
      if (!status.isFile() || status.size > MAX_BYTES) throw this.#damaged('it is not a regular file, or too large')
      text = readFileSync(this.path, 'utf8')
    } catch (error) {
      if (error instanceof EngineError) throw error
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return []
      throw this.#damaged(`it cannot be read (${code})`)
    }
    const stored = StoredHosts.safeParse(parsed(text))
    if (!stored.success) throw this.#damaged('it is damaged')
    return stored.data.hosts
  }

  find(name: string): StoredHost | undefined {
    return this.read().find((host) => host.name === name)
  }

  /** Adds a host, or replaces the one of this name. Throws an EngineError. */
  add(name: string, via: string | null): void {
    this.#change((hosts) => [
      ...hosts.filter((host) => host.name !== name),
      { name, via, added: true, lastConnectedAt: hosts.find((host) => host.name === name)?.lastConnectedAt ?? null },
    ])
  }

  /** Remembers when it was connected. Throws an EngineError. */
  connected(name: string, at: Date): void {
    this.#change((hosts) => {
      const known = hosts.find((host) => host.name === name) ?? { name, via: null, added: false }
      const latest = { ...known, lastConnectedAt: at.toISOString() }
      const others = hosts.filter((host) => host.name !== name)
      const recent = others.filter(({ added }) => !added).sort(byTime)
      const kept = new Set(recent.slice(0, MAX_RECENT - 1))
      return [latest, ...others.filter((host) => host.added || kept.has(host))]
    })
  }

  /** Whether there was one. Throws an EngineError. */
  remove(name: string): boolean {
    const known = this.find(name) !== undefined
    if (known) this.#change((hosts) => hosts.filter((host) => host.name !== name))
    return known
  }

  #change(change: (hosts: readonly StoredHost[]) => StoredHost[]): void {
    const hosts = change(this.read())
    try {
      replaceFile(this.path, `${JSON.stringify({ hosts }, null, 2)}\n`)
    } catch (error) {
      throw new EngineError('SERVICE_UNAVAILABLE', {
        operation: `storing the hosts in ${this.path}`,
        cause: reasonOf(error).cause,
        hint: 'Free space or fix the permissions.',
      })
    }
  }

  #damaged(cause: string): EngineError {
    return new EngineError('SERVICE_UNAVAILABLE', {
      operation: `reading the hosts in ${this.path}`,
      cause,
      hint: 'Repair or remove the file.',
    })
  }
}

function byTime(a: StoredHost, b: StoredHost): number {
  return (b.lastConnectedAt ?? '') < (a.lastConnectedAt ?? '') ? -1 : 1
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
