/** A member is taken out of rotation: closed at once, or after a program has steered new clients away from it. */
import { exactCheck } from './checks.ts'
import { closingVariant, drainQueues, type Ends, fillQueues, LEAVES, MEMBERS, showEnds } from './leaving-member.ts'
import type { RecipeScript } from './recipe.ts'
import type { RecipeContext } from './recipe-context.ts'

const NO_NAMESPACE =
  'Keeping tcp_migrate_req at 0 without changing this machine requires a separate network namespace: run it as root.'

const LOST = 'A member that closes at once takes the connections in its accept queue with it.'
const SPARED = 'A program that picks only the others keeps every new connection away from it.'
const SAFE = 'Once its queue is empty, it closes without losing a connection.'

export const outOfRotation: RecipeScript = {
  name: 'out-of-rotation',
  title: 'Take a member out of rotation',
  subtitle: 'Steer away, drain, close',
  effect:
    'Closes one of four listeners under load, at once and after it has drained, in a separate network namespace, which is removed at the end.',
  limitation: (machine) => (machine.mayMakeNamespaces() ? null : NO_NAMESPACE),
  explanation: [
    'To stop one worker of a group, its listener has to close. The kernel then resets what waits in its accept queue, and until that moment the hash keeps sending new clients there: there is no good moment to close.',
    'A classic BPF program can make one. Attached to the group, it picks any member but the one that leaves. That one accepts what it still has; when its queue is empty, nothing can be lost, and it closes.',
    'The program has to be replaced or detached afterwards: it counts places in the kernel’s array, and those change when a member leaves. The lab does this only with its own listeners. On a server of somebody else it would replace a program that may be attached, and stay after the one who set it has gone.',
  ],
  async run(stage) {
    const count = stage.sized(1000, 4000)
    stage.setVariants([
      closingVariant('Close at once', 'Its queue is reset'),
      closingVariant('Steer away, drain, close', 'A BPF program picks only the others'),
    ])
    stage.step('A listener closes at once', 0)
    const atOnce = await takeOut(stage, count, false)
    showEnds(stage, 0, atOnce)
    stage.step('A program steers away from it first', 0.5)
    const drained = await takeOut(stage, count, true)
    showEnds(stage, 1, drained)
    stage.addChecks(
      exactCheck(
        LOST,
        atOnce.resets > 0 && atOnce.resets + atOnce.done === atOnce.sent,
        `${atOnce.resets} of ${atOnce.sent} reset`,
        'Counts are exact: its worker accepted none of those that waited, and each connection is either reset or accepted.',
      ),
      exactCheck(
        SPARED,
        drained.late === 0,
        `${drained.late} of ${count} later connections reached it`,
        'Not one may reach it: the program never returns its place (run_bpf_filter(), net/core/sock_reuseport.c).',
      ),
      exactCheck(
        SAFE,
        drained.resets === 0 && drained.done === drained.sent,
        `${drained.resets} of ${drained.sent} reset`,
        'Not one may be reset.',
      ),
    )
    return {
      summary: `Closed at once, the member took ${atOnce.resets} of ${atOnce.sent} connections with it; steered away from and drained first, ${drained.resets}.`,
      detail: 'Both times the same traffic, with as many connections queued at the member when the work began.',
    }
  },
}

type Leaving = Ends & {
  readonly sent: number
  /** Connections that reached the member after it was spared. */
  readonly late: number
}

/**
 * Fills the queues of stalled workers. Then one member closes at once, or it is spared while as much traffic comes
 * again, accepts what it has, and closes.
 */
function takeOut(stage: RecipeContext, count: number, spare: boolean): Promise<Leaving> {
  return stage.withLab(
    { protocol: 'tcp', listeners: MEMBERS, backlog: 2 * count },
    async (bench) => {
      const before = await fillQueues(bench, count)
      await bench.ask(spare ? 'spare' : 'close', { member: LEAVES })
      const result = await drainQueues(bench, count, before, (member) => spare || member !== LEAVES)
      if (!spare) {
        const { traffic, received } = result
        return { received, sent: count, done: traffic.done, resets: traffic.resets, late: 0 }
      }
      // Its queue is empty: what comes now must not reach it, also while it closes.
      const second = await bench.begin({ count, exchange: 'echo' })
      await bench.until(({ traffic }) => traffic?.endedAt !== null || (traffic?.done ?? 0) >= count / 2)
      await bench.ask('close', { member: LEAVES })
      const ended = await bench.until(({ traffic }) => traffic?.endedAt !== null)
      const later = await bench.result(ended, second)
      return {
        received: result.received.map((got, member) => got + (later.received[member] ?? 0)),
        sent: 2 * count,
        done: result.traffic.done + later.traffic.done,
        resets: result.traffic.resets + later.traffic.resets,
        late: later.received[LEAVES] ?? 0,
      }
    },
    { ownNamespace: true, ...(stage.machine.canMigrateRequests() ? { migrateRequests: false } : {}) },
  )
}
