/** The connections of this program to other hosts, by name, and the contract that answers for them. */
import { randomBytes } from 'node:crypto'
import { implement, type Router } from '@orpc/server'
import { ROOT_HERE } from '../../contract/constants.ts'
import { type HostsChange, type HostsContract, hostsContract, type KnownHost } from '../../contract/hosts.ts'
import { type Engine, EngineError, withTypedErrors } from '../../engine/index.ts'
import { HOST_NAMES, isHostName } from '../carrier/container.ts'
import { wayToRoot } from '../carrier/root-carrier.ts'
import { runningContainers } from './containers.ts'
import { HostLink, type HostLinkOptions, type Session } from './host-link.ts'
import { HostsFile } from './hosts-file.ts'
import { knownHosts, wayTo } from './known-hosts.ts'
import { configuredHosts } from './ssh-config.ts'

/** More belong into Prometheus. */
const MAX_CONNECTIONS = 32

export type HostsOptions = {
  readonly near: Pick<Engine, 'showing'>
  readonly file?: HostsFile
  readonly configured?: typeof configuredHosts
  /** Whether this program has root's permissions. */
  readonly isRoot?: boolean
  readonly wayToRoot?: typeof wayToRoot
  /** What is minor, as a sentence. */
  readonly report?: (sentence: string) => void
}

/** How a host is reached. */
type Way = Pick<HostLinkOptions, 'via' | 'carrier' | 'byUserOnly' | 'onConnected'>

export class Hosts {
  readonly router: Router<HostsContract, Record<never, never>>
  readonly #near: HostsOptions['near']
  readonly #file: HostsFile
  readonly #configured: typeof configuredHosts
  readonly #report: (sentence: string) => void
  readonly #isRoot: boolean
  readonly #wayToRoot: typeof wayToRoot
  readonly #links = new Map<string, HostLink>()
  readonly #epoch = randomBytes(4).toString('hex')
  readonly #closing = new AbortController()
  #revision = 0
  #waiting: (() => void)[] = []

  constructor(options: HostsOptions) {
    const { near, file = new HostsFile(), configured = configuredHosts, report = () => {} } = options
    this.#isRoot = options.isRoot ?? process.geteuid?.() === 0
    this.#wayToRoot = options.wayToRoot ?? wayToRoot
    this.#near = near
    this.#file = file
    this.#configured = configured
    this.#report = report
    this.router = this.#createRouter()
  }

  /** What a page's channel to this host reaches; null while it is not connected. */
  session(name: string): Session | null {
    return this.#links.get(name)?.session ?? null
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the inspector is shutting down'))
    this.#changed()
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }

  #connect(name: string): void {
    const known = this.#links.get(name)
    if (known !== undefined) {
      known.connect()
      return
    }
    const way = name === ROOT_HERE ? this.#wayToRootHere() : this.#wayTo(name)
    if (this.#links.size >= MAX_CONNECTIONS)
      throw new EngineError('UNPROCESSABLE_CONTENT', {
        operation: `connecting to ${name}`,
        cause: `${MAX_CONNECTIONS} hosts are connected already`,
        hint: 'Disconnect one. For more hosts, use `serve --metrics` on each, and Prometheus.',
      })
    const link = new HostLink({
      name,
      ...way,
      near: this.#near,
      onChange: () => this.#changed(),
    })
    this.#links.set(name, link)
    this.#changed()
  }

  /** How a host is reached, and that it is remembered. Throws an EngineError. */
  #wayTo(name: string): Way {
    const { via, carrier } = wayTo(name, this.#file)
    if (via === null && !isHostName(name))
      throw new EngineError('UNPROCESSABLE_CONTENT', {
        operation: `connecting to ${name}`,
        cause: 'this is not a name of a host',
        hint: HOST_NAMES,
        field: 'name',
      })
    return {
      via,
      carrier,
      byUserOnly: false,
      onConnected: () => this.#remember(name),
    }
  }

  /** Throws an EngineError where this program has those permissions already. */
  #wayToRootHere(): Way {
    if (this.#isRoot)
      throw new EngineError('UNPROCESSABLE_CONTENT', {
        operation: `connecting to ${ROOT_HERE}`,
        cause: 'this program runs as root already',
        hint: null,
      })
    return { ...this.#wayToRoot(), byUserOnly: true, onConnected: () => {} }
  }

  #known(): KnownHost[] {
    const others = knownHosts(this.#file, this.#configured()).filter(({ name }) => name !== ROOT_HERE)
    if (this.#isRoot) return others
    return [
      { name: ROOT_HERE, via: this.#wayToRoot().via, origin: 'root', detail: null, lastConnectedAt: null },
      ...others,
    ]
  }

  #remember(name: string): void {
    try {
      this.#file.connected(name, new Date())
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error))
    }
  }

  async #disconnect(name: string): Promise<void> {
    const link = this.#links.get(name)
    this.#links.delete(name)
    this.#changed()
    await link?.close()
  }

  get #cursor(): string {
    return `${this.#epoch}.${this.#revision}`
  }

  async #changes(after: string | undefined, signal: AbortSignal | undefined): Promise<HostsChange> {
    while (after === this.#cursor) {
      this.#closing.signal.throwIfAborted()
      signal?.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return { cursor: this.#cursor, connections: [...this.#links.values()].map(({ connection }) => connection) }
  }

  #changed(): void {
    this.#revision++
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #createRouter(): Hosts['router'] {
    const os = implement(hostsContract)
    return os.router({
      known: os.known.handler(({ errors }) => withTypedErrors('listing the hosts', errors, () => this.#known())),
      containers: os.containers.handler(({ errors }) =>
        withTypedErrors('listing the containers', errors, () => runningContainers()),
      ),
      changes: os.changes.handler(({ input, signal }) => this.#changes(input.after, signal)),
      connect: os.connect.handler(({ input, errors }) =>
        withTypedErrors(`connecting to ${input.name}`, errors, () => {
          this.#connect(input.name)
          return null
        }),
      ),
      answer: os.answer.handler(({ input, errors }) =>
        withTypedErrors('answering a question', errors, () => {
          if (this.#links.get(input.name)?.answer(input.question, input.text) === true) return null
          throw new EngineError('NOT_FOUND', {
            operation: 'answering a question',
            cause: 'it is not asked any more',
            hint: null,
          })
        }),
      ),
      disconnect: os.disconnect.handler(async ({ input }) => {
        await this.#disconnect(input.name)
        return null
      }),
    })
  }
}
