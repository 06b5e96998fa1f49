/** What the lab's requests mean where they say nothing. Separate from their schemas: the page starts without zod. */

/** Of `ListenRequest`. */
export const DEFAULT_LISTENERS = {
  port: 0,
  join: false,
  listeners: 4,
  processes: 1,
  user: null,
  reuseport: true,
  reuseaddr: false,
  v6only: null,
  interface: null,
  incomingCpu: false,
  backlog: 128,
  receiveBuffer: null,
  acceptBehavior: { mode: 'normal', delayMs: 100 },
  reply: 'echo',
  acceptModel: 'reuseport',
  waitStrategy: 'epoll',
  steering: 'hash',
  steerTo: 0,
  minutes: 10,
} as const

/** Of `TrafficRequest`. */
export const DEFAULT_TRAFFIC = {
  count: 10_000,
  rate: null,
  exchange: 'echo',
  sources: 256,
  flows: 1024,
  threads: 2,
  seconds: 60,
} as const
