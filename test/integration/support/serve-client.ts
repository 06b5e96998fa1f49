/** `serve` as its own process, and a page's connection to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket } from 'ws'
import type { PeerName } from '../../../electron/contract/channels.ts'
import type { Client } from './engine.ts'
import { root } from './engine.ts'

export type Served = AsyncDisposable & {
  readonly child: ChildProcess
  readonly client: Client
  readonly url: URL
  readonly token: string
  /** Its standard error so far. */
  readonly messages: () => string
  /** The folder where it stores snapshots. */
  readonly folder: string
  /** Its exit status, once it has ended. */
  readonly ended: Promise<number | null>
}

/**
 * Resolves when a page is connected. `saved`: stored files at the start, deleted with it. `flags`: those of `serve`;
 * `node`: those of its Node.
 */
export async function startServed(
  saved: Readonly<Record<string, string>> = {},
  { flags = [], node = [] }: { readonly flags?: readonly string[]; readonly node?: readonly string[] } = {},
): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), 'rpi-served-'))
  const folder = join(home, 'reuseport-inspector', 'snapshots')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(saved)) writeFileSync(join(folder, name), text)
  const args = [...node, join(root, 'dist/node/cli.cjs'), 'serve', '--port', '0', '--json', ...flags]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
  })
  let messages = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text
    process.stderr.write(text)
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  const url = new URL((JSON.parse(String(line.value)) as { url: string }).url)
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? ''
  const socket = await openPage(url, token)
  const client: Client = createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }))
  return {
    child,
    client,
    url,
    token,
    messages: () => messages,
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

/** A page's WebSocket to this machine's engine, or to another peer (channels.ts); resolves when it is admitted. */
export async function openPage(url: URL, token: string, peer: PeerName = 'engine'): Promise<WebSocket> {
  const path = peer === 'engine' ? '/rpc' : `/rpc/${encodeURIComponent(peer)}`
  const socket = new WebSocket(`ws://${url.host}${path}`, ['reuseport-inspector', `token.${token}`], {
    origin: url.origin,
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  return socket
}

/** Uploads a file as a page does, and returns the stored item. */
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
