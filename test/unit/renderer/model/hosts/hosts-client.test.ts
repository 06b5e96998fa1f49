import { expect, test } from 'vitest'
import { followHosts } from '../../../../../renderer/model/hosts/hosts-client.ts'
import { createSession } from '../../../../../renderer/model/store/session.ts'
import { type Channel, clientOf, type Transport } from '../../../../../renderer/model/transport/transport.ts'

const channel: Channel = { link: { call: async () => null }, closed: new Promise(() => {}), close: () => {} }

/** Resolves when nothing is left to do: no step here takes time. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
}

test('where hosts are not offered, it asks once for each connection to the engine', async () => {
  const near = createSession()
  const end = new AbortController()
  let asked = 0
  const transport: Transport = {
    peer: 'the server',
    async open() {
      asked++
      // Else a loop would keep the test from failing.
      if (asked > 9) await new Promise(() => {})
      throw new Error('It is not connected.')
    },
  }
  const following = followHosts(transport, near, { client: () => {}, connections: () => {} }, end.signal)
  for (const connection of [1, 2]) {
    near.setState({ client: clientOf(channel) })
    await settled()
    near.setState({ lastAnswerAt: connection })
    await settled()
    expect(asked).toBe(connection)
    near.setState({ client: null })
  }
  end.abort()
  await following
})
