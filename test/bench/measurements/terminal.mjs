/**
 * What the terminal's common commands take, on an ordinary machine above Node's own start, and on a crowded one compared
 * with ss, which reads the same.
 */
import { join } from 'node:path'
import { makeListeners, makeNamespace, processorTime, root, time } from '../machine.mjs'
import { atMost, compared, result, summarize } from '../statistics.mjs'

const cli = join(root, 'dist/node/cli.cjs')
/** Of the programs in reference/listeners.c. */
const FIRST_PORT = 10_000

export async function terminal({ rounds, sockets }) {
  return [
    ...(await ordinary(Math.max(rounds, 15))),
    ...(await crowded(10_000, 100, rounds, [
      ['groups', ['groups'], ['-tlnpH'], atMost(1)],
      ['port', ['port', String(FIRST_PORT)], ['-tlnpH'], null],
    ])),
    ...(await crowded(sockets, 1000, Math.min(rounds, 5), [
      ['groups --no-owners', ['groups', '--no-owners'], ['-tlnH'], atMost(1)],
      ['groups', ['groups'], ['-tlnpH'], atMost(0.25)],
      ['groups --json --no-owners', ['groups', '--json', '--no-owners'], ['-tlnH'], atMost(3)],
    ])),
  ]
}

async function ordinary(rounds) {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, 10, 4)
  const commands = [
    ['groups', ['groups'], atMost(40)],
    ['show', ['show', `:${FIRST_PORT}`], atMost(60)],
    ['port', ['port', String(FIRST_PORT)], atMost(60)],
  ]
  const bare = []
  const bareWall = []
  const wall = []
  const taken = commands.map(() => [])
  for (let round = 0; round < rounds; round++) {
    bare.push(processorTime(namespace, process.execPath, ['-e', '0']).processorMs)
    for (const [at, [, args]] of commands.entries())
      taken[at].push(processorTime(namespace, process.execPath, [cli, ...args]).processorMs)
    bareWall.push(time(namespace, process.execPath, ['-e', '0']).ms)
    wall.push(time(namespace, process.execPath, [cli, 'groups', '--json']).ms)
  }
  await listeners.end()
  const above = (words, measured, reference, budget) =>
    compared(words, measured.median - reference.median, reference, budget)
  const json = summarize(wall)
  return [
    result('terminal: groups --json', 'ms', json, {
      ratios: [above('ms more than node -e 0', json, summarize(bareWall), atMost(150))],
    }),
    ...commands.map(([name, , budget], at) => {
      const measured = summarize(taken[at])
      const reference = summarize(bare)
      const relative = compared('times node -e 0', measured.median / reference.median, reference, null)
      const more = above('ms of processor time more than node -e 0', measured, reference, budget)
      return result(`terminal: ${name}, processor time`, 'ms', measured, { ratios: [more, relative] })
    }),
  ]
}

/** Each command without Node's own start, compared with ss. */
async function crowded(sockets, groups, rounds, commands) {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, groups, Math.ceil(sockets / groups))
  const bare = []
  const ours = commands.map(() => [])
  const theirs = commands.map(() => [])
  for (let round = 0; round < rounds; round++) {
    bare.push(processorTime(namespace, process.execPath, ['-e', '0']).processorMs)
    for (const [at, [, args, ss]] of commands.entries()) {
      ours[at].push(processorTime(namespace, process.execPath, [cli, ...args]).processorMs)
      theirs[at].push(processorTime(namespace, 'ss', ss).processorMs)
    }
  }
  await listeners.end()
  const start = summarize(bare).median
  return commands.map(([name, , ss, budget], at) => {
    const measured = summarize(ours[at].map((ms) => ms - start))
    const reference = summarize(theirs[at])
    const words = `times ss ${ss.join(' ')}`
    return result(`terminal: ${name} at ${sockets} sockets, without Node's start, processor time`, 'ms', measured, {
      ratios: [compared(words, measured.median / reference.median, reference, budget)],
    })
  })
}
