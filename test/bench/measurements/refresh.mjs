/** A refresh of all sockets by the native layer, against the plainest C program and against ss. */
import { program, time } from '../machine.mjs'
import { atLeast, atMost, result, summarise, times, timesFaster } from '../statistics.mjs'
import { crowded } from './crowd.mjs'

/** What is asked for, and what `ss` is asked for the same; it has no word for sockets that are bound alone. */
const REFRESHES = [
  { words: '', memory: false, bound: false, ss: '-tlnH' },
  { words: ', with queue memory and drops', memory: true, bound: false, ss: '-tlnmH' },
  { words: ', looking for bound sockets too', memory: false, bound: true, ss: null },
]

export async function refresh(settings) {
  const { namespace, probe } = await crowded(settings)
  const results = []
  for (const { words, ss, ...request } of REFRESHES) {
    const ours = []
    const plain = []
    const theirs = []
    // The first ones grow buffers; all three take turns, so that a slow moment of the machine hits all.
    await probe.ask('refresh', { rounds: 3, ...request })
    for (let round = 0; round < settings.rounds; round++) {
      ours.push(...(await probe.ask('refresh', { rounds: 1, ...request })).durations)
      plain.push(plainDump(namespace, request))
      if (ss !== null) theirs.push(time(namespace, 'ss', [ss], { stdio: ['ignore', 'ignore', 'inherit'] }).ms)
    }
    const { sockets, groups, passes } = await probe.ask('refresh', { rounds: 1, ...request })
    const measured = summarise(ours)
    const ratios = [times('times the plain C dump', measured, summarise(plain), atMost(1.2))]
    if (ss !== null) ratios.push(timesFaster(`times faster than ss ${ss}`, measured, summarise(theirs), atLeast(3)))
    results.push(
      result(`refresh of ${sockets} listeners in ${groups} groups${words} (${passes} dumps)`, 'ms', measured, {
        ratios,
      }),
    )
  }
  return results
}

/** The plain dump of the same sockets: TCP, then UDP; ms. */
function plainDump(namespace, { memory, bound }) {
  const args = [...(memory ? ['--memory'] : []), ...(bound ? [] : ['--listeners'])]
  const ns = [[], ['--udp']].map((protocol) =>
    Number(time(namespace, program('dump'), [...args, ...protocol]).stdout.split(' ')[1]),
  )
  return (ns[0] + ns[1]) / 1e6
}
