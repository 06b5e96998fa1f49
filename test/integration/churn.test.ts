/** A large group while a thousand sockets open and close per second: every stable socket is always listed once. */
import { beforeEach, expect, test } from 'vitest'
import { TEST_MS } from '../support/timeouts.ts'
import { needsRoot } from './support/conditions.ts'
import { startTestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { GroupReader } from './support/readers.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

beforeEach(needsRoot)

const MEMBERS = 10_000
const RATE = 1000

/** This many plain dumps in a row were all wrong. */
const REFRESHES = 20

test.each<'tcp' | 'udp'>(['tcp', 'udp'])(
  `%s: ${REFRESHES} refreshes of ${MEMBERS} members: none twice, none missing, none reported gone`,
  { timeout: 2 * TEST_MS },
  async (protocol) => {
    await using namespace = await makeNamespace()
    await using maker = await startSocketMaker({ netns: namespace.name })
    await using engine = await startTestEngine()
    const spec: SocketSpec = { protocol, address: '127.0.0.1', port: 7001, options: ['reuseport'] }
    const made = await maker.open({ ...spec, count: MEMBERS })
    const stable = new Set(made.map((one) => one.cookie))
    await engine.client.snapshot({ owners: true })
    await engine.client.sampling.pause({ paused: true })
    const [group] = (await engine.client.snapshot({ selection: { netns: namespace.name }, owners: false })).groups
    const reader = new GroupReader(engine.client, group?.id ?? '')
    await reader.sweep()

    const churn = await maker.churn({ socket: spec, rate: RATE, standing: 200 })
    const wrong: string[] = []
    for (let refresh = 0; refresh < REFRESHES; refresh++) {
      const snapshot = await engine.client.snapshot({ selection: { netns: namespace.name }, owners: false })
      const cookies = snapshot.groups.flatMap((found) => found.members.map((member) => member.cookie))
      const seen = new Set(cookies)
      if (seen.size !== cookies.length) wrong.push(`refresh ${refresh}: ${cookies.length - seen.size} twice`)
      let missing = 0
      for (const cookie of stable) if (!seen.has(cookie)) missing++
      if (missing > 0) wrong.push(`refresh ${refresh}: ${missing} stable members missing`)
      for (let more = true; more; ) {
        const change = await reader.ask()
        const gone = change.left.filter((cookie) => stable.has(cookie))
        if (gone.length > 0) wrong.push(`refresh ${refresh}: ${gone.length} reported gone`)
        more = change.more
      }
    }
    const opened = await churn.stop()
    expect(wrong).toEqual([])
    // The test is valid only if there was churn.
    expect(opened).toBeGreaterThan(REFRESHES)
    expect([...stable].filter((cookie) => !reader.members.has(cookie))).toEqual([])
  },
)
