import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { problemOf } from '../../../../../renderer/model/store/problem.ts'
import { clientOf } from '../../../../../renderer/model/transport/transport.ts'
import { webSocketTransport } from '../../../../../renderer/model/transport/web-socket.ts'

let server: WebSocketServer | undefined
// Node 20 has none.
beforeEach(() => vi.stubGlobal('WebSocket', WebSocket))
afterEach(() => {
  vi.unstubAllGlobals()
  server?.close()
})

test('a request after the connection was lost says that, as one before does', async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const page = { location: new URL(`http://127.0.0.1:${port}/`) } as unknown as Window
  const accepted = once(server, 'connection')
  const channel = await webSocketTransport(page, { get: async () => null, refuse: () => {} }).open(
    new AbortController().signal,
  )
  const client = clientOf(channel)
  const asked = () => client.machine.about().catch((error: unknown) => problemOf(error, 'look up this client').cause)
  const before = asked()
  const [socket] = await accepted
  socket.terminate()
  await channel.closed
  expect(await before).toBe('the connection was lost before the answer came')
  expect(await asked()).toBe('the connection was lost before the answer came')
})
