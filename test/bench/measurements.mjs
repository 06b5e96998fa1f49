/** Each promise of DESIGN.md's table, and how it is measured. Each gives results: what, measured, ratios, verdict. */
import { join } from 'node:path'
import { lab } from './lab.mjs'
import { makeListeners, makeNamespace, program, root, startProbe, time } from './machine.mjs'
import { summarise } from './statistics.mjs'

const MEMBERS = 100
const FIRST_PORT = 10_000
const MEBIBYTE = 1 << 20

let crowd = null
/** One namespace with all the sockets, and a probe in it, for every measurement that wants them. */
async function crowded({ sockets }) {
  if (!crowd) {
    const namespace = makeNamespace()
    await makeListeners(namespace, Math.ceil(sockets / MEMBERS), MEMBERS)
    crowd = { namespace, probe: startProbe(namespace) }
  }
  return crowd
}

/** Median of ratios' parts: ours against a reference, as "times" (ours / reference) or "faster" (reference / ours). */
function ratio(words, ours, reference, limit, direction = 'at most') {
  const value = direction === 'at most' ? ours.median / reference.median : reference.median / ours.median
  const ok = limit === null ? null : direction === 'at most' ? value <= limit : value >= limit
  return { words, value, reference, ok, budget: limit === null ? null : `${direction} ${limit}` }
}

/** The plain dump of the same sockets: TCP, then UDP. */
function plainDump(namespace, memory) {
  const args = memory ? ['--memory'] : []
  const ns = [[], ['--udp']].map((protocol) =>
    Number(time(namespace, program('dump'), [...args, ...protocol]).stdout.split(' ')[1]),
  )
  return (ns[0] + ns[1]) / 1e6
}

async function refresh(settings) {
  const { namespace, probe } = await crowded(settings)
  const results = []
  for (const memory of [false, true]) {
    const ours = []
    const plain = []
    const ss = []
    // The first ones grow buffers; all three take turns, so that a slow moment of the machine hits all.
    await probe.ask('refresh', { rounds: 3, memory })
    for (let round = 0; round < settings.rounds; round++) {
      ours.push(...(await probe.ask('refresh', { rounds: 1, memory })).durations)
      plain.push(plainDump(namespace, memory))
      ss.push(time(namespace, 'ss', ['-tlnH'], { stdio: ['ignore', 'ignore', 'inherit'] }).ms)
    }
    const { sockets, groups, passes } = await probe.ask('refresh', { rounds: 1, memory })
    const measured = summarise(ours)
    results.push({
      what: `refresh of ${sockets} listeners in ${groups} groups${memory ? ' with queue memory and drops' : ''} (${passes} passes)`,
      measured,
      unit: 'ms',
      ratios: [
        ratio('times the plain C dump', measured, summarise(plain), 1.2),
        ratio('times faster than ss -tlnH', measured, summarise(ss), 3, 'at least'),
      ],
    })
  }
  return results
}

async function blocking(settings) {
  const { namespace } = await crowded(settings)
  const probe = startProbe(namespace)
  // Options are read ten thousand at a time: so many refreshes until all are known.
  const warmUp = Math.ceil(settings.sockets / 10_000) + 3
  const watched = await probe.ask('watch', { intervalMs: 60_000, seconds: 0, refreshes: settings.rounds * 3, warmUp })
  const idle = await probe.ask('watch', { intervalMs: 1000, seconds: 10, refreshes: null, warmUp })
  const longest = [...watched.longest].sort((a, b) => a - b)
  const p99 = longest[Math.ceil(0.99 * longest.length) - 1] ?? Number.NaN
  await probe.end()
  const of = (value) => ({ median: value, low: value, high: value, runs: 1 })
  return [
    {
      what: `main thread blocked by a refresh of a watched engine with ${settings.sockets} sockets, at a time`,
      measured: summarise(longest),
      unit: 'ms',
    },
    { what: 'the same, 99th percentile of the refreshes', measured: of(p99), unit: 'ms', verdict: p99 <= 8 },
    { what: 'such a refresh, with owners, options and pollers', measured: summarise(watched.durations), unit: 'ms' },
    {
      what: `engine's memory with ${settings.sockets} sockets, watched`,
      measured: of(idle.after.rss / MEBIBYTE),
      unit: 'MiB',
      verdict: idle.after.rss <= 120 * MEBIBYTE,
    },
    {
      what: `its share of a core, watched (interval ${idle.intervalMs} ms)`,
      measured: of(100 * idle.cpuShare),
      unit: '%',
    },
  ]
}

async function owners(settings) {
  const { namespace, probe } = await crowded(settings)
  await probe.ask('refresh', { rounds: 1, memory: false })
  const cold = []
  const warm = []
  const plain = []
  const ss = []
  for (let round = 0; round < settings.rounds; round++) {
    cold.push(...(await probe.ask('owners', { rounds: 1, full: true })).durations)
    warm.push(...(await probe.ask('owners', { rounds: 1, full: false })).durations)
    plain.push(Number(time(namespace, program('proc_scan'), []).stdout.split(' ')[0]) / 1e6)
    if (round < 5) ss.push(time(namespace, 'ss', ['-tlnpH'], { stdio: ['ignore', 'ignore', 'inherit'] }).ms)
  }
  const coldly = summarise(cold)
  const warmly = summarise(warm)
  return [
    {
      what: `owners of ${settings.sockets} sockets, cold`,
      measured: coldly,
      unit: 'ms',
      ratios: [ratio('times a C scan of /proc', coldly, summarise(plain), 1.2)],
    },
    {
      what: 'owners, warm',
      measured: warmly,
      unit: 'ms',
      ratios: [
        ratio('of the cold scan', warmly, coldly, 0.1),
        ratio('times faster than ss -tlnpH', warmly, summarise(ss), 20, 'at least'),
      ],
    },
  ]
}

async function oracle(settings) {
  const { probe } = await crowded(settings)
  const { rates, members } = await probe.ask('oracle', { rounds: settings.rounds, port: FIRST_PORT, probes: 20_000 })
  const measured = summarise(rates)
  return [
    {
      what: `steering oracle, a group of ${MEMBERS} (${members} of them answered)`,
      measured,
      unit: 'probes a second',
      verdict: measured.median >= 150_000,
    },
  ]
}

async function terminal({ rounds }) {
  const namespace = makeNamespace()
  await makeListeners(namespace, 10, 4)
  const ours = []
  const bare = []
  for (let round = 0; round < Math.max(rounds, 15); round++) {
    bare.push(time(namespace, process.execPath, ['-e', '0']).ms)
    ours.push(time(namespace, process.execPath, [join(root, 'dist/node/cli.js'), 'groups', '--json']).ms)
  }
  const measured = summarise(ours)
  const reference = summarise(bare)
  return [
    {
      what: 'terminal: groups --json',
      measured,
      unit: 'ms',
      verdict: measured.median - reference.median <= 150,
      ratios: [
        {
          words: 'ms more than node -e 0',
          value: measured.median - reference.median,
          reference,
          ok: null,
          budget: 'at most 150',
        },
      ],
    },
  ]
}

async function idle() {
  const namespace = makeNamespace()
  await makeListeners(namespace, 100, 10)
  const probe = startProbe(namespace)
  const shares = []
  for (let run = 0; run < 3; run++) {
    const watched = await probe.ask('watch', { intervalMs: 1000, seconds: 10, refreshes: null, warmUp: 3 })
    shares.push(100 * watched.cpuShare)
  }
  await probe.end()
  const measured = summarise(shares)
  return [
    {
      what: 'one refresh a second of 1,000 sockets, watched',
      measured,
      unit: '% of a core',
      verdict: measured.median <= 1,
    },
  ]
}

async function leaks() {
  const namespace = makeNamespace()
  await makeListeners(namespace, 20, 10)
  const probe = startProbe(namespace)
  await probe.ask('watch', { intervalMs: 60_000, seconds: 0, refreshes: 500, warmUp: 2 })
  const { before, after } = await probe.ask('watch', { intervalMs: 60_000, seconds: 0, refreshes: 10_000, warmUp: 2 })
  await probe.end()
  const of = (value) => ({ median: value, low: value, high: value, runs: 1 })
  return [
    {
      what: 'descriptors more after 10,000 refreshes',
      measured: of(after.descriptors - before.descriptors),
      unit: '',
      verdict: after.descriptors <= before.descriptors,
    },
    {
      what: 'resident memory more after 10,000 refreshes',
      measured: of((after.rss - before.rss) / MEBIBYTE),
      unit: 'MiB',
      verdict: after.rss - before.rss < 8 * MEBIBYTE,
    },
  ]
}

/** The ones that want an ordinary machine come before the crowd does. */
export const measurements = [
  { name: 'terminal', measure: terminal },
  { name: 'idle', measure: idle },
  { name: 'leaks', measure: leaks },
  { name: 'lab', measure: lab },
  { name: 'refresh', measure: refresh },
  { name: 'blocking', measure: blocking },
  { name: 'owners', measure: owners },
  { name: 'oracle', measure: oracle },
]
