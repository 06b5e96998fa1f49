/**
 * Turns changes of a group's members and processes into events. Changes that follow each other are one episode, and one
 * event that is completed as it goes on: the start of a service is not an event for each of its sockets, and a reload is
 * recognized although its old members close seconds after the new ones opened.
 */
import type { Generation } from '../../../contract/events.ts'
import { formatCount, pluralize } from '../../../contract/format.ts'
import type { GroupKey } from '../../../contract/model.ts'
import { type EventDraft, type EventSink, momentAt, namespaceOf } from './event-draft.ts'

/** An episode ends after this time without a change. */
const QUIET_MS = 5000
/** Old members that close this long after new ones opened still belong to the same reload. */
const OVERLAP_MS = 600_000
const MAX_PIDS = 64

/** What is known of a group at one moment. */
export type GroupFacts = {
  readonly key: GroupKey
  /** Members that receive. */
  readonly members: number
  /** When each process that holds a member started, by pid; null where unknown. */
  readonly processes: ReadonlyMap<number, string | null>
  /** The command that most of them have. */
  readonly owner: string | null
}

/** One change, from one frame to the next. null: the group did not exist before, or does not exist any more. */
export type MembershipChange = {
  readonly before: GroupFacts | null
  readonly after: GroupFacts | null
  readonly joined: number
  readonly left: number
  /** Connections lost with members that closed, at least; null for UDP, where the kernel does not count that. */
  readonly lost: number | null
}

type Episode = {
  readonly began: number
  readonly before: GroupFacts | null
  after: GroupFacts | null
  last: number
  joined: number
  left: number
  lost: number | null
  event: number | null
  settled: boolean
}

export class GroupEpisodes {
  readonly #sink: EventSink
  /** Open ones, and settled ones in which members joined, by group. */
  readonly #episodes = new Map<string, Episode>()

  constructor(sink: EventSink) {
    this.#sink = sink
  }

  /** Takes a change of group `id` at `at`, in milliseconds since 1970. */
  take(id: string, at: number, change: MembershipChange): void {
    const known = this.#episodes.get(id)
    // After a time without frames this may be the first one since it was quiet.
    if (known !== undefined && !known.settled && at - known.last >= QUIET_MS) this.#end(id, known)
    // Members of a group that has just appeared and that leave already are an event of their own: they may lose something.
    if (known !== undefined && !known.settled && known.before === null && change.left > 0) this.#end(id, known)
    const continues =
      known !== undefined && this.#episodes.has(id) && (!known.settled || (change.left > 0 && change.after !== null))
    const episode: Episode = continues
      ? known
      : {
          began: at,
          before: change.before,
          after: null,
          last: at,
          joined: 0,
          left: 0,
          lost: null,
          event: null,
          settled: false,
        }
    episode.after = change.after
    episode.last = at
    episode.settled = false
    episode.joined += change.joined
    episode.left += change.left
    if (change.lost !== null) episode.lost = (episode.lost ?? 0) + change.lost
    this.#episodes.set(id, episode)
    this.#tell(episode, null)
  }

  /**
   * Ends the episodes without a change for some time before `at`, at most `most` of them: the others are left for the next
   * call. Call it after the changes of each frame.
   */
  settle(at: number, most = Number.POSITIVE_INFINITY): void {
    let ended = 0
    for (const [id, episode] of this.#episodes) {
      if (ended === most) return
      if (!episode.settled && at - episode.last < QUIET_MS) continue
      if (episode.settled && at - episode.last <= OVERLAP_MS) continue
      if (episode.settled) this.#episodes.delete(id)
      else this.#end(id, episode)
      ended++
    }
  }

  /** Ends all of them: there is no next frame. */
  finish(): void {
    for (const [id, episode] of this.#episodes) if (!episode.settled) this.#end(id, episode)
  }

  #end(id: string, episode: Episode): void {
    episode.settled = true
    this.#tell(episode, episode.last)
    // Only members that joined beside older ones can turn out to be a new generation.
    if (episode.joined === 0 || episode.left > 0 || episode.before === null) this.#episodes.delete(id)
  }

  #tell(episode: Episode, until: number | null): void {
    const told = describe(episode)
    if (told === null) return
    const { before, after } = episode
    const key = (after ?? before)?.key
    if (key === undefined) return
    const draft: EventDraft = {
      ...momentAt(new Date(episode.began).toISOString()),
      ...told,
      until: until === null ? null : new Date(until).toISOString(),
      key,
      namespace: namespaceOf(key, this.#sink),
      owner: after?.owner ?? before?.owner ?? null,
      lost: episode.left > 0 ? episode.lost : null,
      generations: { before: generationOf(before), after: generationOf(after) },
    }
    episode.event = this.#sink.put(draft, episode.event ?? undefined)
  }
}

/** null where nothing worth an event happened: the holders of a socket changed, and it is no reload. */
function describe(episode: Episode): Pick<EventDraft, 'kind' | 'summary'> | null {
  const { before, after, joined, left, lost } = episode
  const owner = after?.owner ?? before?.owner
  const name = owner === null || owner === undefined ? '' : `${owner}: `
  const losses = lost !== null && lost > 0 ? `, at least ${pluralize(lost, 'connection')} reset` : ''
  if (before === null && after === null) {
    return { kind: 'left', summary: `${name}group appeared and closed${losses}` }
  }
  if (before === null && after !== null) {
    return { kind: 'joined', summary: `${name}new group, ${pluralize(after.members, 'member')}` }
  }
  if (before !== null && after === null) {
    return { kind: 'left', summary: `${name}group closed, ${pluralize(before.members, 'member')}${losses}` }
  }
  if (before === null || after === null) return null
  const sizes = `${formatCount(before.members)} → ${pluralize(after.members, 'member')}`
  const replaced = processesReplaced(before, after)
  if (joined > 0 && left > 0) {
    const what = replaced > 0 ? 'new processes and sockets' : 'new sockets'
    return { kind: 'reload', summary: `${reloadName(owner)}: ${sizes}${losses}; ${what}` }
  }
  if (replaced > 0) {
    const sockets = joined + left === 0 ? ', same sockets' : ''
    const processes = pluralize(replaced, 'new process', 'new processes')
    return { kind: 'reload', summary: `${reloadName(owner)}: ${sizes}${losses}; ${processes}${sockets}` }
  }
  if (joined > 0) return { kind: 'joined', summary: `${name}${sizes}` }
  return left > 0 ? { kind: 'left', summary: `${name}${sizes}${losses}` } : null
}

function reloadName(owner: string | null | undefined): string {
  return owner === null || owner === undefined ? 'reloaded' : `${owner} reloaded`
}

/**
 * How many processes are new where all old ones except at most one, the master, are gone; otherwise 0. A process that
 * inherits the sockets of others for a moment, before it closes them, is none of them.
 */
function processesReplaced(before: GroupFacts, after: GroupFacts): number {
  if (before.processes.size === 0 || after.processes.size === 0) return 0
  const kept = [...before.processes.keys()].filter((pid) => after.processes.has(pid)).length
  const gone = before.processes.size - kept
  return gone > 0 && kept <= 1 ? after.processes.size - kept : 0
}

function generationOf(facts: GroupFacts | null): Generation {
  const processes = facts?.processes ?? new Map<number, string | null>()
  const starts = [...processes.values()].filter((start) => start !== null)
  return {
    members: facts?.members ?? 0,
    pids: [...processes.keys()].sort((a, b) => a - b).slice(0, MAX_PIDS),
    processes: processes.size,
    startedAt: starts.sort().at(-1) ?? null,
  }
}
