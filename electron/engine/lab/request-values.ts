/** Requests in the form that the program takes: the keys of native/lab/protocol.h. */
import type { ListenRequest, TrafficRequest } from '../../contract/lab.ts'
import type { Account } from '../collect/users.ts'
import type { RequestValue } from './lab-connection.ts'

/** Options that only a recipe can use. */
export type LabSetup = {
  /** A network namespace of the lab's own, which ends with it. */
  readonly ownNamespace?: boolean
  /** net.ipv4.tcp_migrate_req of that namespace. */
  readonly migrateRequests?: boolean
}

/** Keys of the verb `listen`. `account`: who the workers run as; null: as the caller. */
export function listenValues(
  request: ListenRequest,
  account: Account | null,
  { ownNamespace, migrateRequests }: LabSetup,
): Record<string, RequestValue> {
  return {
    protocol: request.protocol,
    address: request.address,
    port: request.port,
    listeners: request.listeners,
    processes: request.processes,
    uid: account?.uid,
    gid: account?.gid,
    reuseport: request.reuseport,
    reuseaddr: request.reuseaddr,
    v6only: request.v6only,
    device: request.interface,
    incoming_cpu: request.incomingCpu,
    backlog: request.backlog,
    rcvbuf: request.receiveBuffer,
    accept_behavior: request.acceptBehavior.mode,
    delay_us: Math.round(request.acceptBehavior.delayMs * 1000),
    accept_model: request.acceptModel,
    wait_strategy: request.waitStrategy,
    steering: request.steering,
    steer_to: request.steerTo,
    seconds: Math.round(request.minutes * 60),
    reply: request.reply,
    namespace: ownNamespace === true ? 'own' : undefined,
    migrate_req: migrateRequests,
  }
}

/** Keys of the verb `traffic`. */
export function trafficValues(request: TrafficRequest): Record<string, RequestValue> {
  const { count, rate, exchange, sources, flows, threads, seconds } = request
  return { count, rate, exchange, sources, flows, threads, seconds }
}
