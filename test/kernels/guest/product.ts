/** The built product as a guest has it: the terminal, and a long-lived engine behind `serve`, as any user. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket } from 'ws'
import type { Contract } from '../../../electron/contract/contract.ts'
import { SUBPROTOCOL } from '../../../electron/fronts/server/admission.ts'

export const NOBODY = 65534
const cli = `${process.env.PRODUCT ?? '/product'}/dist/node/cli.cjs`

export type Finished = { status: number; out: string; messages: string }
export type Place = {
  uid?: number
  /** Name of the network namespace to run in. */
  netns?: string
}

/** Runs `reuseport-inspector ARGS` to its end. */
export function terminal(args: readonly string[], place: Place = {}): Promise<Finished> {
  const [file = '', ...rest] = commandIn(place, args)
  return new Promise((resolve) => {
    execFile(file, rest, { env: environment(), maxBuffer: 1 << 28 }, (error, out, messages) => {
      const code = error === null ? 0 : error.code
      resolve({ status: typeof code === 'number' ? code : -1, out, messages })
    })
  })
}

/** The one JSON document that a command prints. Rejects with what the command said where it failed. */
export async function json<T>(args: readonly string[], place: Place = {}): Promise<T> {
  const { status, out, messages } = await terminal([...args, '--json'], place)
  if (status !== 0) throw new Error(`${args.join(' ')} ended with status ${status}: ${messages || out}`)
  return JSON.parse(out) as T
}

export type Engine = { readonly client: ContractRouterClient<Contract>; end(): Promise<void> }

/** Starts `serve` and connects as its page does. */
export async function serve(place: Place = {}): Promise<Engine> {
  const [file = '', ...rest] = commandIn(place, ['serve', '--json'])
  const child = spawn(file, rest, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'close')
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (line.done) throw new Error('serve ended before it was ready')
  const { url } = JSON.parse(line.value) as { url: string }
  const { host, origin, hash } = new URL(url)
  const token = new URLSearchParams(hash.slice(1)).get('token')
  const socket = new WebSocket(`ws://${host}/rpc`, [SUBPROTOCOL, `token.${token}`], { headers: { origin } })
  await once(socket, 'open')
  return {
    client: createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })),
    end: async () => {
      socket.close()
      child.kill()
      await gone
    },
  }
}

function commandIn({ uid, netns }: Place, args: readonly string[]): string[] {
  const own = [process.execPath, cli, ...args]
  const as = uid === undefined ? own : ['python3', '-c', BECOME, String(uid), ...own]
  return netns === undefined ? as : ['ip', 'netns', 'exec', netns, ...as]
}

/** Drops to a user and all rights with it: setpriv(1), which busybox has without this. */
const BECOME = `import os, sys
uid = int(sys.argv[1])
os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
os.execv(sys.argv[2], sys.argv[2:])`

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
