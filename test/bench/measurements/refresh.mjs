/** A refresh of all sockets by the native layer, compared with the simplest C program and with ss. */
import { program, time } from '../machine.mjs'
import { atLeast, atMost, result, summarize, times, timesFaster } from '../statistics.mjs'
import { crowded } from './crowd.mjs'

/** Each request, with the arguments of `ss` for the same; it has none for bound TCP sockets that do not listen. */
const REFRESHES = [
  { words: '', memory: false, bound: false, ss: '-tlnH' },
  { words: ', with queue memory and drops', memory: true, bound: false, ss: '-tlnmH' },
  { words: ', with bound sockets', memory: false, bound: true, ss: null },
]

export async function refresh(settings) {
  const { namespace, probe } = await crowded(settings)
  const results = []
  for (const { words, ss, ...request } of REFRESHES) {
    const ours = []
    const plain = []
    const theirs = []
    // The first ones grow buffers; all three alternate, so that a slow moment of the machine affects all.
    await probe.ask('refresh', { rounds: 3, ...request })
    for (let round = 0; round < settings.rounds; round++) {
      ours.push(...(await probe.ask('refresh', { rounds: 1, ...request })).durations)
      plain.push(plainDump(namespace, request))
      if (ss !== null) theirs.push(time(namespace, 'ss', [ss], { stdio: ['ignore', 'ignore', 'inherit'] }).ms)
    }
    const { sockets, groups, passes } = await probe.ask('refresh', { rounds: 1, ...request })
    const measured = summarize(ours)
    const ratios = [times('times the plain C dump', measured, summarize(plain), atMost(1.2))]
    if (ss !== null) ratios.push(timesFaster(`times faster than ss ${ss}`, measured, summarize(theirs), atLeast(3)))
    results.push(
      result(`refresh of ${sockets} listeners in ${groups} groups${words} (${passes} dumps)`, 'ms', measured, {
        ratios,
      }),
    )
  }
  return results
}

/** Duration of the plain dump of the same sockets, TCP then UDP, in ms. */
function plainDump(namespace, { memory, bound }) {
  const args = [...(memory ? ['--memory'] : []), ...(bound ? [] : ['--listeners'])]
  const ns = [[], ['--udp']].map((protocol) =>
    Number(time(namespace, program('dump'), [...args, ...protocol]).stdout.split(' ')[1]),
  )
  return (ns[0] + ns[1]) / 1e6
}
