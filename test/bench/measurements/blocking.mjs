/**
 * How long a refresh blocks the main thread at a time, in `reuseport-inspector serve` itself while another process
 * watches. Other processes share the processors, so an idle process is measured at the same time.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, makeDirectory, makeListeners, makeNamespace, root, start } from '../machine.mjs'
import { atMost, quantile, result, single, summarize, times } from '../statistics.mjs'

/** Enough for a 99th percentile. */
const REFRESHES = 120
/** Lives until it is ended. */
const IDLER = 'setInterval(() => {}, 2 ** 30); process.once("SIGTERM", () => process.exit())'
/** Members per group: few large groups, and many small ones. */
const SHAPES = [100, 10]

export async function blocking(settings) {
  const results = []
  for (const members of SHAPES) results.push(...(await blockingOf(Math.ceil(settings.sockets / members), members)))
  return results
}

async function blockingOf(groups, members) {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, groups, members)
  const directory = makeDirectory()
  const server = monitored(namespace, directory, 'serve', [join(root, 'dist/node/cli.cjs'), 'serve', '--json'])
  const idler = monitored(namespace, directory, 'idler', ['-e', IDLER])
  const { value } = await server.lines.next()
  const had = JSON.parse(await ask([join(root, 'test/bench/watcher.mjs'), JSON.parse(value).url, REFRESHES], namespace))
  const seen = await server.stop()
  const unavoidable = await idler.stop()
  await listeners.end()

  const still = longest(had, seen, 'still')
  const worked = longest(had, seen, 'worked')
  const high = (list) => single(quantile(list, 0.99))
  // It does almost no work: its apparent time is what the host took from a virtual processor.
  const against = (list, field) => [
    times('times an idle process, at the same time', high(list), high(longest(had, unavoidable, field))),
  ]
  const what = `${groups * members} sockets in groups of ${members}`
  const above = `99th percentile of ${still.length}`
  return [
    result(`main thread blocked in a refresh of ${what}, at a time`, 'ms', summarize(still)),
    result(`the same, in processor time of the thread, ${above}`, 'ms', high(worked), {
      budget: atMost(8),
      ratios: against(worked, 'worked'),
    }),
    result(`the same, in elapsed time, ${above}`, 'ms', high(still), { ratios: against(still, 'still') }),
  ]
}

/** Starts a Node program with the loop monitor; `stop` ends it and returns what was recorded. */
function monitored(namespace, directory, name, args) {
  const file = join(directory, `${name}.json`)
  const env = {
    ...process.env,
    HOME: directory,
    XDG_CONFIG_HOME: directory,
    XDG_STATE_HOME: directory,
    LOOP_MONITOR: file,
  }
  const all = ['--import', join(root, 'test/bench/loop-monitor.mjs'), ...args]
  const { lines, end } = start(namespace, process.execPath, all, { env })
  return {
    lines,
    stop: async () => {
      await end()
      return JSON.parse(readFileSync(file, 'utf8')).map(([at, still, worked]) => ({ at, still, worked }))
    },
  }
}

/** The maximum of `field` in each refresh, sorted. `had` are the ends of refreshes. */
function longest(had, seen, field) {
  const most = had.slice(1).map((end, index) => {
    const inIt = seen.filter(({ at }) => at > had[index] && at <= end)
    return Math.max(0, ...inIt.map((each) => each[field]))
  })
  return most.sort((a, b) => a - b)
}
