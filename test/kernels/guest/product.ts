/** The built product in a guest: the terminal, and a long-lived engine behind `serve`, as any user. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket } from 'ws'
import type { Contract } from '../../../electron/contract/contract.ts'
import { SUBPROTOCOL } from '../../../electron/fronts/server/admission.ts'

const product = process.env.PRODUCT ?? '/product'
const cli = `${product}/dist/node/cli.cjs`
/** Whether the BPF reader was built, which takes clang. */
export const hasBpfReader = existsSync(`${product}/native/build/Release/reuseport-bpf`)

export type Finished = { status: number; out: string; messages: string }
/** Runs `reuseport-inspector ARGS` to its end as a user. */
export function terminal(args: readonly string[], uid: number): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { ...asUser(uid), maxBuffer: 1 << 28 }
    execFile(process.execPath, [cli, ...args], options, (error, out, messages) => {
      const code = error === null ? 0 : error.code
      resolve({ status: typeof code === 'number' ? code : -1, out, messages })
    })
  })
}

export type Engine = {
  readonly client: ContractRouterClient<Contract>
  /** The port on which it listens. */
  readonly port: number
  end(): Promise<void>
}

/** Starts `serve` as a user, and connects as its page does. */
export async function serve(uid: number): Promise<Engine> {
  const child = spawn(process.execPath, [cli, 'serve', '--json'], {
    ...asUser(uid),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'close')
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (line.done) throw new Error('serve ended before it was ready')
  const { url } = JSON.parse(line.value) as { url: string }
  const { host, port, origin, hash } = new URL(url)
  const token = new URLSearchParams(hash.slice(1)).get('token')
  const socket = await connected(
    () => new WebSocket(`ws://${host}/rpc`, [SUBPROTOCOL, `token.${token}`], { headers: { origin } }),
  )
  return {
    client: createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })),
    port: Number(port),
    end: async () => {
      socket.close()
      child.kill()
      await gone
    },
  }
}

/** The server disconnects a client that sends no request within ten seconds (408). A busy emulated machine retries. */
async function connected(connect: () => WebSocket): Promise<WebSocket> {
  for (;;) {
    const socket = connect()
    try {
      await once(socket, 'open')
      return socket
    } catch (error) {
      if (!String(error).includes('Unexpected server response: 408')) throw error
    }
  }
}

/** Changing the user makes Node drop supplementary groups, and the kernel drop all capabilities. */
const asUser = (uid: number) => ({ uid, gid: uid, env: environment() })

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    XDG_STATE_HOME: '/tmp',
    XDG_CONFIG_HOME: '/tmp',
    COLUMNS: '200',
    NO_COLOR: '1',
  }
}
