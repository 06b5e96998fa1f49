/** The duration of the terminal's most common command on an ordinary machine, compared with Node's own start. */
import { join } from 'node:path'
import { makeListeners, makeNamespace, root, time } from '../machine.mjs'
import { atMost, compared, result, summarize } from '../statistics.mjs'

export async function terminal({ rounds }) {
  const namespace = makeNamespace()
  const listeners = await makeListeners(namespace, 10, 4)
  const ours = []
  const bare = []
  for (let round = 0; round < Math.max(rounds, 15); round++) {
    bare.push(time(namespace, process.execPath, ['-e', '0']).ms)
    ours.push(time(namespace, process.execPath, [join(root, 'dist/node/cli.cjs'), 'groups', '--json']).ms)
  }
  await listeners.end()
  const measured = summarize(ours)
  const reference = summarize(bare)
  const more = compared('ms more than node -e 0', measured.median - reference.median, reference, atMost(150))
  return [result('terminal: groups --json', 'ms', measured, { ratios: [more] })]
}
