/** The scan for holders of sockets, compared with a C scan of /proc and with ss. */
import { program, time } from '../machine.mjs'
import { atLeast, atMost, result, summarize, times, timesFaster } from '../statistics.mjs'
import { crowded } from './crowd.mjs'

/** `ss -p` takes seconds: fewer rounds suffice for its median. */
const SS_ROUNDS = 3

export async function owners(settings) {
  const { namespace, probe } = await crowded(settings)
  await probe.ask('refresh', { rounds: 1, memory: false, bound: false })
  const cold = []
  const warm = []
  const plain = []
  const ss = []
  for (let round = 0; round < settings.rounds; round++) {
    cold.push(...(await probe.ask('owners', { rounds: 1, full: true })).durations)
    warm.push(...(await probe.ask('owners', { rounds: 1, full: false })).durations)
    plain.push(Number(time(namespace, program('proc_scan'), []).stdout.split(' ')[0]) / 1e6)
    if (round < SS_ROUNDS) ss.push(time(namespace, 'ss', ['-tlnpH'], { stdio: ['ignore', 'ignore', 'inherit'] }).ms)
  }
  const coldly = summarize(cold)
  const warmly = summarize(warm)
  return [
    result(`owners of ${settings.sockets} sockets, cold`, 'ms', coldly, {
      ratios: [times('times a C scan of /proc', coldly, summarize(plain), atMost(1.2))],
    }),
    result('owners, warm', 'ms', warmly, {
      ratios: [
        times('of the cold scan', warmly, coldly, atMost(0.1)),
        timesFaster('times faster than ss -tlnpH', warmly, summarize(ss), atLeast(20)),
      ],
    }),
  ]
}
