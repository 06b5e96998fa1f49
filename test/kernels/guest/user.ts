/** The user, network namespace and engine of this process's tests. */
import { after } from 'node:test'
import { namespaceNamed } from '../../integration/support/namespace.ts'
import { type SocketMaker, startSocketMaker } from '../../integration/support/socket-maker.ts'
import { type Engine, serve } from './product.ts'

export const NOBODY = 65534
const [, , name = 'root'] = process.argv

export const uid = name === 'root' ? 0 : NOBODY
export const isRoot = uid === 0

/** The network namespace that this process is in. */
export const namespace = namespaceNamed(`kernels-${name}`)

/** Starting them is slow in an emulated machine, so all parts share one of each. */
let engine: Promise<Engine> | undefined
let maker: Promise<SocketMaker> | undefined

export function sharedEngine(): Promise<Engine> {
  engine ??= serve(uid)
  return engine
}

export function sharedMaker(): Promise<SocketMaker> {
  maker ??= startSocketMaker({ uid })
  return maker
}

after(async () => {
  await (await engine)?.end()
  await (await maker)?.end()
})
