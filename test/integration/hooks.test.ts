/** `serve --on-finding`, with a real overflow. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from './support/conditions.ts'
import { startServed } from './support/serve-client.ts'
import { startSocketMaker } from './support/socket-maker.ts'

test('a command runs when a queue overflows and when that is over, and metrics count it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-hook-'))
  try {
    const file = join(folder, 'events')
    writeFileSync(file, '')
    const line = '"$REUSEPORT_EVENT $REUSEPORT_CODE $REUSEPORT_PROTOCOL $REUSEPORT_ADDRESS $REUSEPORT_PORT"'
    await using maker = await startSocketMaker()
    const flags = ['--metrics', '--on-finding', `echo ${line} >>${file}`, '--on-finding', 'exit 7']
    await using served = await startServed({}, { flags })
    const [one, ...others] = await maker.openTogether({
      ...{ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 1, count: 2 },
    })
    const port = one?.port ?? 0
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })
    const received = (words: string) =>
      eventually(`the command received: ${words}`, () =>
        readFileSync(file, 'utf8').includes(`${words} tcp 127.0.0.1 ${port}\n`),
      )
    await received('raised queue-overflowing')
    await maker.drain()
    for (const member of [one, ...others]) if (member !== undefined) await maker.accept(member)
    await received('cleared queue-overflowing')
    const metrics = async () => {
      const answer = await fetch(new URL('/metrics', served.url.origin), {
        headers: { authorization: `Bearer ${served.token}` },
      })
      return await answer.text()
    }
    const count = (hook: number, result: string) =>
      `reuseport_hook_calls_total{hook="${hook}",kind="command",result="${result}"}`
    await eventually('the calls are counted', async () => {
      const text = await metrics()
      // Each hook has its own queue.
      return [count(1, 'ok'), count(2, 'failed')].every(
        (sample) => Number(text.split(`${sample} `)[1]?.split('\n')[0]) > 0,
      )
    })
    await eventually('the failure is reported', () => served.messages().includes('it ended with status 7'))
    expect(served.messages().match(/it ended with status 7/g)).toHaveLength(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
