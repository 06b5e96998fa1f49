/** What the page learns when its engine ends, whichever of the two signs of it comes first. */
import { expect, onTestFinished, test } from 'vitest'
import { messagePortTransport } from '../../../../renderer/transport/message-port.ts'
import type { Channel } from '../../../../renderer/transport/transport.ts'

const PROBLEM = { asked: 'the engine', happened: 'it stopped (ended by SIGKILL)', remedy: 'It is started again.' }
const REASON = 'Asked for the engine: it stopped (ended by SIGKILL). It is started again.'

/** A page whose preload hands a port over, and the far end of that. */
async function connect() {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port2.close())
  const page = Object.assign(new EventTarget(), {
    origin: 'app://page',
    postMessage: () => say({ type: 'reuseport-inspector/port' }, [port1]),
  }) as unknown as Window
  const say = (data: unknown, ports: readonly unknown[] = []) => {
    page.dispatchEvent(Object.assign(new Event('message'), { source: page, origin: page.origin, data, ports }))
  }
  const channel: Channel = await messagePortTransport(page).open(new AbortController().signal)
  return {
    channel,
    portCloses: () => port1.dispatchEvent(new Event('close')),
    saysWhy: () => say({ type: 'reuseport-inspector/no-port', problem: PROBLEM }),
  }
}

test('the cause is what the application says, though the port closes first', async () => {
  const { channel, portCloses, saysWhy } = await connect()
  portCloses()
  setTimeout(saysWhy, 10)
  expect(await channel.closed).toBe(REASON)
})

test('the cause is what the application says where it speaks first', async () => {
  const { channel, portCloses, saysWhy } = await connect()
  saysWhy()
  portCloses()
  expect(await channel.closed).toBe(REASON)
})

test('a port that closes without a word is an engine that ended', async () => {
  const { channel, portCloses } = await connect()
  portCloses()
  expect(await channel.closed).toBe('The engine ended.')
})

test('who closes it says why', async () => {
  const { channel } = await connect()
  channel.close('The page ended.')
  expect(await channel.closed).toBe('The page ended.')
})
