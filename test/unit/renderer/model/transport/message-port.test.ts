/** The reason that the page receives when its engine exits, whichever of the two signals comes first. */

import { expect, onTestFinished, test } from 'vitest'
import { NO_PORT, PORT } from '../../../../../electron/contract/channels.ts'
import { messagePortTransport } from '../../../../../renderer/model/transport/message-port.ts'
import type { Channel } from '../../../../../renderer/model/transport/transport.ts'

const PROBLEM = { operation: 'keep the engine running', cause: 'it stopped (killed by SIGKILL)', hint: 'It restarts.' }
const REASON = 'Could not keep the engine running: it stopped (killed by SIGKILL). It restarts.'

/** A page whose preload transfers a port, and the other end of that port. */
async function connect() {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port2.close())
  const page = Object.assign(new EventTarget(), {
    origin: 'app://page',
    postMessage: () => say({ type: PORT, peer: 'engine' }, [port1]),
  }) as unknown as Window
  const say = (data: unknown, ports: readonly unknown[] = []) => {
    page.dispatchEvent(Object.assign(new Event('message'), { source: page, origin: page.origin, data, ports }))
  }
  const channel: Channel = await messagePortTransport(page).open(new AbortController().signal)
  return {
    channel,
    portCloses: () => port1.dispatchEvent(new Event('close')),
    saysWhy: () => say({ type: NO_PORT, problem: PROBLEM }),
  }
}

test('the reason comes from the application, even if the port closes first', async () => {
  const { channel, portCloses, saysWhy } = await connect()
  portCloses()
  setTimeout(saysWhy, 10)
  expect(await channel.closed).toBe(REASON)
})

test('the reason comes from the application if its message comes first', async () => {
  const { channel, portCloses, saysWhy } = await connect()
  saysWhy()
  portCloses()
  expect(await channel.closed).toBe(REASON)
})

test('a port that closes without a reason means that the engine exited', async () => {
  const { channel, portCloses } = await connect()
  portCloses()
  expect(await channel.closed).toBe('The engine exited.')
})

test('the closer gives the reason', async () => {
  const { channel } = await connect()
  channel.close('The page closed.')
  expect(await channel.closed).toBe('The page closed.')
})
