/**
 * Loaded before the module of a utility process: provides `process.parentPort` over Node's own channel to the shell.
 */
import { EventEmitter } from 'node:events'
import { Port } from './ports.ts'
import { strict } from './strict.ts'
import type { Crossing } from './utility-process.ts'

const send = (crossing: Crossing): void => {
  // A shell that exited reads no more; 'disconnect' reports that.
  if (process.connected) process.send?.(crossing, undefined, undefined, () => {})
}

const held = new Map<number, Port>()

/** The near end of a port whose far end the shell holds. */
function port(id: number): Port {
  const [near, far] = Port.pair()
  held.set(id, far)
  far.transfer({
    deliver: (data) => send({ kind: 'port', port: id, data }),
    close: () => send({ kind: 'close', port: id }),
  })
  return near
}

const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (message: unknown) => send({ kind: 'message', message, ports: [] }),
})

process.on('message', (crossing: Crossing) => {
  if (crossing.kind === 'message') {
    const ports = crossing.ports.map((id) => strict('MessagePortMain', port(id)))
    parentPort.emit('message', { data: crossing.message, ports })
  } else if (crossing.kind === 'port') held.get(crossing.port)?.sent(crossing.data)
  else held.get(crossing.port)?.close()
})
process.on('disconnect', () => process.exit(0))

Object.defineProperty(process, 'parentPort', { value: strict('process.parentPort', parentPort) })
