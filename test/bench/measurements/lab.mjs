/** The lab's budgets: throughput, compared with a plain client and server in the same run, and start time. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { program, root, time } from '../machine.mjs'
import { atLeast, atMost, result, summarize, times } from '../statistics.mjs'

/** The share of a plain client and server's throughput that suffices where `enough` is not reached. */
const PART = 0.7
const LOADS = [
  { protocol: 'tcp', what: 'TCP connections, each with an echo', count: 50_000, exchange: 'echo', enough: 50_000 },
  { protocol: 'udp', what: 'UDP datagrams, one way', count: 500_000, exchange: 'send', enough: 200_000 },
]

/** Calls `use` with a ready lab and its start time in ms, and ends the lab afterwards. Returns the result of `use`. */
async function withLab(listen, use) {
  const started = performance.now()
  const id = randomBytes(4).toString('hex')
  const child = spawn(join(root, 'native/build/Release/reuseport-lab'), [id], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (request) => {
    child.stdin.write(`${request}\n`)
    const { value, done } = await lines.next()
    const answer = done ? { error: 'it ended' } : JSON.parse(value)
    if (answer.error) throw new Error(`${request}: ${JSON.stringify(answer.error)}`)
    return answer
  }
  try {
    await ask(`listen ${listen}`)
    return await use(ask, performance.now() - started)
  } finally {
    child.stdin.end()
    await gone
  }
}

/** Received per second, by two workers in two processes from two threads. */
function perSecond({ protocol, count, exchange }) {
  return withLab(`protocol=${protocol} address=127.0.0.1 listeners=2 processes=2`, async (ask) => {
    await ask(`traffic count=${count} exchange=${exchange} threads=2`)
    for (;;) {
      const { traffic, workers } = await ask('status')
      if (traffic.endedAt) return workers.reduce((all, { received }) => all + received, 0) / (traffic.elapsedUs / 1e6)
      await sleep(20)
    }
  })
}

/** The same for the plain program: two servers, and the number of clients that is fastest. */
function plainPerSecond({ protocol, count }) {
  const clients = protocol === 'tcp' ? '8' : '2'
  const { stdout } = time(null, program('traffic'), [protocol, '--count', String(count), '--clients', clients])
  const [ns, , received] = stdout.split(' ').map(Number)
  return received / (ns / 1e9)
}

export async function lab(settings) {
  const results = []
  for (const load of LOADS) {
    const ours = []
    const plain = []
    for (let round = 0; round < settings.rounds; round++) {
      ours.push(await perSecond(load))
      plain.push(plainPerSecond(load))
    }
    const measured = summarize(ours)
    const reference = summarize(plain)
    results.push(
      result(`lab: ${load.what}, received`, 'per second', measured, {
        budget: atLeast(Math.round(Math.min(load.enough, PART * reference.median))),
        ratios: [times('× a plain C client and server', measured, reference)],
      }),
    )
  }
  const starts = []
  for (let round = 0; round < settings.rounds; round++) {
    const listen = 'protocol=tcp address=127.0.0.1 listeners=1000 processes=8'
    starts.push(await withLab(listen, async (_, ms) => ms))
  }
  results.push(result('lab: 1000 listeners in 8 processes ready', 'ms', summarize(starts), { budget: atMost(1000) }))
  return results
}
