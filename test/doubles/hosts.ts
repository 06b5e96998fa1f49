/** Other hosts controlled by a test, in any state. */
import { createRouterClient, implement } from '@orpc/server'
import { type HostConnection, type HostState, hostsContract, type KnownHost } from '../../electron/contract/hosts.ts'
import type { HostsClient } from '../../renderer/model/hosts/hosts-client.ts'

/** A connection in this state; `given` overrides. */
export function aConnection(name: string, state: HostState, given: Partial<HostConnection> = {}): HostConnection {
  return { name, via: null, since: '2026-01-01T14:47:31.000Z', state, about: null, ...given }
}

export function aboutHost(hostname: string): HostConnection['about'] {
  return {
    host: { hostname, kernelRelease: '6.1.112', bootId: null, uid: 0, capabilities: [] },
    engine: 'reuseport-inspector 0.1.0',
    program: `/root/.cache/reuseport-inspector/engine-0011223344556677`,
    connectedInMs: 3100,
  }
}

export const CONNECTED: HostState = { phase: 'connected', roundTripMs: 12, clockAheadMs: 3_600_000 }
export const REFUSED: HostState = {
  phase: 'failed',
  failure: {
    problem: {
      operation: 'connecting to mail-1',
      cause: 'deploy@mail-1: Permission denied (publickey).',
      hint: 'Add a key that the host accepts to your agent: `ssh-add FILE`. Try `ssh mail-1 true`.',
    },
    said: 'deploy@mail-1: Permission denied (publickey).',
  },
}
export const LOST: HostState = {
  phase: 'lost',
  failure: {
    problem: { operation: 'the connection was lost', cause: 'it was silent for 20 s', hint: null },
    said: 'Timeout, server lb-3 not responding.',
  },
  retryAt: null,
  needsUser: false,
  attempts: 3,
}

/** A client of the contract: these hosts are known, and every request succeeds. */
export function hostsClient(known: readonly KnownHost[]): HostsClient {
  const os = implement(hostsContract)
  const done = () => null
  return createRouterClient(
    os.router({
      known: os.known.handler(() => known.filter(({ origin }) => origin !== 'container')),
      containers: os.containers.handler(() => known.filter(({ origin }) => origin === 'container')),
      changes: os.changes.handler(() => ({ cursor: '1', connections: [] })),
      connect: os.connect.handler(done),
      answer: os.answer.handler(done),
      disconnect: os.disconnect.handler(done),
    }),
  )
}
