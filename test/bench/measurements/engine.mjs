/** The cost of a whole engine with a reader: its memory, its share of a core. */
import { makeListeners, makeNamespace, startProbe } from '../machine.mjs'
import { atMost, result, single, summarize } from '../statistics.mjs'
import { crowded } from './crowd.mjs'

const MEBIBYTE = 1 << 20
const INTERVAL_MS = 1000
/** With a hundred thousand sockets the interval is at least ten times the duration of a refresh (sampler.ts). */
const CROWDED_INTERVAL_MS = 1000
const CROWDED_SECONDS = 20
/**
 * Refreshes until V8 has collected and compacted the heap of the start. It does so once, 8 to 40 seconds later
 * (tune-heap.ts): that costs as much as ten refreshes.
 */
const SETTLE = 40
/** Refreshes until V8 has compiled what an engine that runs for long has compiled: at the interval that takes minutes. */
const WARM_UP = 300

/** Memory and share of a core of an engine with a hundred thousand sockets. */
export async function crowd(settings) {
  const { namespace } = await crowded(settings)
  const probe = startProbe(namespace)
  const request = { intervalMs: CROWDED_INTERVAL_MS, seconds: CROWDED_SECONDS, periods: 1, warmUp: 10, settle: 0 }
  const watched = await probe.ask('watch', request)
  await probe.end()
  const sockets = `${settings.sockets} sockets, watched`
  return [
    result(`refresh of an engine with ${sockets}`, 'ms', summarize(watched.durations)),
    result(`memory of an engine's own with ${sockets}`, 'MiB', single(watched.after.own / MEBIBYTE), {
      budget: atMost(120),
    }),
    result("the same with Node's program text", 'MiB', single(watched.after.rss / MEBIBYTE)),
    result(`share of a core, ${sockets} (every ${watched.intervalMs} ms)`, '%', single(100 * watched.cpuShares[0])),
  ]
}

export async function idle(settings) {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, 100, 10)
  const probe = startProbe(namespace)
  const seconds = Math.max(5, settings.rounds)
  const request = { intervalMs: INTERVAL_MS, seconds, periods: 3, warmUp: WARM_UP, settle: SETTLE }
  const { cpuShares, readersShares } = await probe.ask('watch', request)
  const percent = (shares) => summarize(shares.map((share) => 100 * share))
  await probe.end()
  await listeners.end()
  const what = 'one refresh per second of 1,000 sockets, watched'
  return [
    result(what, '% of a core', percent(cpuShares), { budget: atMost(1) }),
    result('the same of the BPF readers, which are processes of their own', '% of a core', percent(readersShares)),
  ]
}

const REFRESHES = 10_000

export async function leaks() {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, 20, 10)
  const probe = startProbe(namespace)
  const native = { memory: true, bound: true }
  await probe.ask('refresh', { rounds: REFRESHES / 10, ...native })
  const before = await probe.ask('usage')
  await probe.ask('refresh', { rounds: REFRESHES, ...native })
  const after = await probe.ask('usage')
  const engine = await probe.ask('repeat', { refreshes: REFRESHES })
  await probe.end()
  await listeners.end()
  return [
    ...flat('by the native layer', before, after),
    ...flat('by an engine, each tenth with owners', engine.before, engine.after),
  ]
}

function flat(words, before, after) {
  const what = (thing) => `${thing} more after ${REFRESHES} refreshes ${words}`
  const fresh = after.descriptors.filter((each) => !before.descriptors.includes(each))
  const descriptors = single(after.descriptors.length - before.descriptors.length)
  const named = descriptors.median > 0 ? `descriptors (new: ${fresh.join(', ')})` : 'descriptors'
  const memory = single((after.rss - before.rss) / MEBIBYTE)
  return [
    result(what(named), '', descriptors, { budget: atMost(0) }),
    result(what('resident memory'), 'MiB', memory, { budget: atMost(8) }),
  ]
}
