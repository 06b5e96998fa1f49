/** `serve`, as a program of its own, and a page's connection to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket } from 'ws'
import type { Client } from './engine.ts'
import { root } from './engine.ts'

export type Served = AsyncDisposable & {
  readonly child: ChildProcess
  readonly client: Client
  /** Where it keeps snapshots. */
  readonly folder: string
  /** Its exit status, when it has ended. */
  readonly ended: Promise<number | null>
}

/** Resolves when a page is connected. `saved`: files that it keeps from the beginning. They are gone with it. */
export async function startServed(saved: Readonly<Record<string, string>> = {}): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), 'rpi-served-'))
  const folder = join(home, 'reuseport-inspector', 'snapshots')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(saved)) writeFileSync(join(folder, name), text)
  const child = spawn(process.execPath, [join(root, 'dist/node/cli.cjs'), 'serve', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  const url = new URL((JSON.parse(String(line.value)) as { url: string }).url)
  const socket = new WebSocket(
    `ws://${url.host}/rpc`,
    ['reuseport-inspector', `token.${new URLSearchParams(url.hash.slice(1)).get('token')}`],
    {
      origin: url.origin,
    },
  )
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const client: Client = createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }))
  return {
    child,
    client,
    folder,
    ended,
    [Symbol.asyncDispose]: async () => {
      socket.terminate()
      child.kill('SIGKILL')
      await ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Sends a file as a page does, and gives what is kept of it. */
export async function upload(client: Client, name: string, bytes: Buffer) {
  const piece = 500_000
  let sent: string | null = null
  for (let at = 0; ; at += piece) {
    const last = at + piece >= bytes.byteLength
    const part = bytes.subarray(at, at + piece).toString('base64')
    const answer: Awaited<ReturnType<Client['snapshots']['open']>> = await client.snapshots.open({
      upload: sent,
      name,
      bytes: part,
      last,
    })
    if (last) return answer.kept
    sent = answer.upload
  }
}
