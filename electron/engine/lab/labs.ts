/** The open labs: our own, and those that other programs of this user started. */

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Addon } from '../../../native/index.ts'
import { displayNumber, endpointText, pluralize } from '../../contract/format.ts'
import type { Lab, LabEnd, LabId, ListenRequest, MemberAction, TrafficRequest } from '../../contract/lab.ts'
import type { Collector } from '../collect/collector.ts'
import { SINGLE_FRAME } from '../collect/frame-request.ts'
import type { Sampler } from '../collect/sampler.ts'
import type { Account } from '../collect/users.ts'
import { TimeSlice } from '../common/time-slice.ts'
import {
  checkAddress,
  checkAllowed,
  checkPort,
  checkTraffic,
  checkUser,
  type Place,
  portInUse,
  validateRequest,
} from './checks.ts'
import type { RequestValue } from './lab-connection.ts'
import { LabError } from './lab-error.ts'
import { isPortInUse, toLabError } from './lab-error-texts.ts'
import type { Machine } from './machine.ts'
import { OpenLab } from './open-lab.ts'
import { type PortConflict, portConflicts } from './port-conflicts.ts'
import { attachProgram, connectToLab, discoverLabs, startProgram } from './program.ts'
import { type LabSetup, listenValues, trafficValues } from './request-values.ts'

export type LabsParts = {
  /** The native program. */
  readonly programPath: string
  readonly connectAbstract: Addon['connectAbstract']
  readonly machine: Machine
  readonly collector: Collector
  readonly sampler: Sampler
}

export type AddRequest = {
  id: LabId
  user: string | null
  reuseport?: boolean | undefined
  reuseaddr?: boolean | undefined
}

/** How many ended labs are remembered: more than anyone misses between two refreshes. */
const MAX_ENDED = 64

export class Labs {
  /** Called when a lab is opened or discovered. */
  onOpen: () => void = () => {}
  readonly #parts: LabsParts
  /** All labs that were opened or discovered and have not ended. */
  readonly #known = new Map<LabId, OpenLab>()
  /** Labs of a recipe, which shows them itself. */
  readonly #hidden = new Set<LabId>()
  /**
   * Sockets that have the name of a lab but are something else: each is queried once. By name and inode, since a
   * newline in a socket name adds lines to the list, with any inode.
   */
  #foreignSockets: ReadonlySet<string> = new Set()
  #unresponsive: ReadonlySet<LabId> = new Set()
  #ended: readonly LabEnd[] = []
  #closed = false

  constructor(parts: LabsParts) {
    this.#parts = parts
  }

  /** Whether any lab is open, those of recipes included. */
  get anyOpen(): boolean {
    return this.#known.size > 0
  }

  /** Labs of this user that did not respond when last looked for, ordered by id. */
  get unresponsive(): readonly LabId[] {
    return [...this.#unresponsive].filter((id) => !this.#known.has(id)).sort()
  }

  /** The newest of our labs that have ended, the last one last. */
  get ended(): readonly LabEnd[] {
    return this.#ended
  }

  /** All open labs, the oldest first, without those of recipes. */
  async list(): Promise<Lab[]> {
    await this.#discoverLabs()
    const shown = [...this.#known.values()].filter(({ id }) => !this.#hidden.has(id))
    const labs = await Promise.all(shown.map((lab) => lab.read().catch(() => this.#left(lab))))
    return labs.filter((lab) => lab !== null).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
  }

  /** Opens test listeners. Throws LabError; then nothing of them is left. */
  async listen(request: ListenRequest): Promise<Lab> {
    const lab = await this.#open(request, {})
    return lab.read()
  }

  /** The same for a recipe: not listed, and with the options of recipes. */
  openHidden(request: ListenRequest, scene: LabSetup): Promise<OpenLab> {
    return this.#open(request, scene, (lab) => this.#hidden.add(lab.id))
  }

  add({ id, user, reuseport, reuseaddr }: AddRequest): Promise<Lab> {
    const account = checkUser(user, this.#parts.machine)
    return this.#listedAt(id, `adding a listener to lab ${id}`, 'add', {
      uid: account?.uid,
      gid: account?.gid,
      reuseport,
      reuseaddr,
    })
  }

  member({ id, member, action: act }: MemberAction): Promise<Lab> {
    return this.#listedAt(id, `applying ${act} to member ${displayNumber(member)} of lab ${id}`, act, { member })
  }

  async traffic(request: TrafficRequest): Promise<Lab> {
    const asked = `sending traffic to lab ${request.id}`
    const lab = await this.#find(request.id)
    try {
      const status = await lab.status()
      checkTraffic(request, status.request)
      await lab.ask('traffic', trafficValues(request))
      return await lab.read()
    } catch (error) {
      throw toLabError(asked, error)
    }
  }

  stopTraffic(id: LabId): Promise<Lab> {
    return this.#listedAt(id, `stopping the traffic to lab ${id}`, 'traffic-stop')
  }

  /** Ends a lab and waits until nothing of it is left. */
  async stop(id: LabId): Promise<void> {
    await this.#end(await this.#find(id))
  }

  /** Ends all labs of this engine; no more can be opened. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#known.values()].map((lab) => (lab.program.own ? this.#end(lab) : lab.program.end())))
    this.#known.clear()
  }

  /** Ends a lab that a recipe opened. */
  async end(lab: OpenLab): Promise<void> {
    await this.#end(lab)
  }

  async #end(lab: OpenLab): Promise<void> {
    // One that is gone has nothing left to stop.
    await lab.ask('stop').catch(() => undefined)
    await lab.program.end()
    this.#forget(lab)
  }

  async #open(request: ListenRequest, scene: LabSetup, started: (lab: OpenLab) => void = () => {}): Promise<OpenLab> {
    const { machine, programPath } = this.#parts
    const asked = `opening ${pluralize(request.listeners, 'test listener')} on ${request.protocol} ${endpointText(request.address, request.port)}`
    validateRequest(request)
    const place = checkAddress(request, machine)
    const account = checkUser(request.user, machine)
    checkAllowed(request, account, machine)
    const who = () => this.#portConflicts(request, place, account)
    if (request.port > 0 && scene.ownNamespace !== true) checkPort(request, await who())
    if (this.#closed) throw new LabError('SERVICE_UNAVAILABLE', asked, 'the inspector is shutting down', null)

    const id = randomBytes(4).toString('hex')
    const program = await startProgram(programPath, id)
    const lab = new OpenLab(id, program)
    started(lab)
    this.#keep(lab)
    try {
      await lab.ask('listen', listenValues(request, account, scene))
      return lab
    } catch (error) {
      await program.end()
      this.#forget(lab)
      if (isPortInUse(error)) throw portInUse(request, (await who()) ?? [])
      throw toLabError(asked, error)
    }
  }

  #keep(lab: OpenLab): void {
    this.#known.set(lab.id, lab)
    this.onOpen()
    lab.program.connection.ended.then(() => this.#left(lab)).catch(() => undefined)
  }

  #forget(lab: OpenLab): void {
    this.#known.delete(lab.id)
    this.#hidden.delete(lab.id)
  }

  /** Called when a lab has ended, by itself or not. */
  async #left(lab: OpenLab): Promise<null> {
    const ending = await lab.program.end()
    const shown = this.#known.has(lab.id) && !this.#hidden.has(lab.id)
    // A reader that misses it in the list finds its outcome here.
    if (shown && ending !== 'unknown') {
      this.#ended = [...this.#ended, { id: lab.id, clean: ending === 'in-order' }].slice(-MAX_ENDED)
    }
    this.#forget(lab)
    return null
  }

  async #find(id: LabId): Promise<OpenLab> {
    if (!this.#known.has(id)) await this.#discoverLabs()
    const lab = this.#known.get(id)
    if (lab !== undefined) return lab
    throw new LabError(
      'NOT_FOUND',
      `finding lab ${id}`,
      'this user has no open lab with this id',
      '`lab list` shows the open labs.',
    )
  }

  async #listedAt(
    id: LabId,
    asked: string,
    verb: string,
    values?: Readonly<Record<string, RequestValue>>,
  ): Promise<Lab> {
    const lab = await this.#find(id)
    try {
      await lab.ask(verb, values)
      return await lab.read()
    } catch (error) {
      throw toLabError(asked, error)
    }
  }

  async #discoverLabs(): Promise<void> {
    const { machine, connectAbstract } = this.#parts
    const there = discoverLabs(machine.uid)
    const strangers = new Set([...there].map(socketName).filter((name) => this.#foreignSockets.has(name)))
    this.#foreignSockets = strangers
    const slice = new TimeSlice()
    const silent = new Set<LabId>()
    const meetings: Promise<void>[] = []
    for (const [id, inode] of there) {
      const name = socketName([id, inode])
      if (this.#known.has(id) || strangers.has(name)) continue
      if (slice.expired) await slice.next()
      const connection = connectToLab(connectAbstract, machine.uid, id)
      if (connection === 'stranger') strangers.add(name)
      else if (connection === 'busy') silent.add(id)
      else meetings.push(this.#discover(id, connection, silent))
    }
    await Promise.all(meetings)
    this.#unresponsive = silent
  }

  async #discover(id: LabId, connection: Socket, silent: Set<LabId>): Promise<void> {
    const program = await attachProgram(connection, id)
    if (program === null) {
      // It may have ended meanwhile: then its name is gone too.
      if (discoverLabs(this.#parts.machine.uid).has(id)) silent.add(id)
      return
    }
    // Another reading may have discovered it meanwhile.
    if (this.#closed || this.#known.has(id)) await program.end()
    else this.#keep(new OpenLab(id, program))
  }

  /** All sockets at that port in this network namespace; null where they could not be read, or only in part. */
  async #portConflicts(request: ListenRequest, place: Place, account: Account | null): Promise<PortConflict[] | null> {
    const { collector, sampler, machine } = this.#parts
    const wanted = {
      ...place,
      protocol: request.protocol,
      port: request.port,
      v6only: request.v6only === true,
      interface: request.interface,
      uid: account?.uid ?? machine.uid,
      reuseport: request.reuseport && request.acceptModel === 'reuseport',
      reuseaddr: request.reuseaddr,
    }
    try {
      return await sampler.read(SINGLE_FRAME, async ({ frame, shortfalls }) => {
        const { self } = collector.namespaces
        if (self === null || shortfalls.some(({ kind, netns }) => kind === 'fault' && netns === self)) return null
        return portConflicts(frame, self, wanted)
      })
    } catch {
      return null
    }
  }
}

function socketName([id, inode]: readonly [LabId, number]): string {
  return `${id} ${inode}`
}
