import { describe, expect, test } from 'vitest'
import { ListenRequest, TrafficRequest } from '../../../../electron/contract/lab.ts'
import {
  checkAddress,
  checkAllowed,
  checkPort,
  checkTraffic,
  checkUser,
  portInUse,
  validateRequest,
  workersPerProcess,
} from '../../../../electron/engine/lab/checks.ts'
import { LabError } from '../../../../electron/engine/lab/lab-error.ts'

const request = (given: Partial<ListenRequest> = {}) =>
  ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1', ...given })
const machine = {
  uid: 1000,
  root: false,
  account: (name: string) =>
    name === 'ada' ? { name, uid: 1000, gid: 1000 } : name === 'www-data' ? { name, uid: 33, gid: 33 } : null,
  has: () => false,
  unprivilegedPortStart: () => 1024,
  interfaces: () => ['lo', 'eth0'],
  descriptors: () => 1024,
  addresses: () => ['127.0.0.1', '::1', '10.0.0.7', 'fe80::1%eth0'],
}

/** The field and code of a refusal; null where nothing is refused. */
function refused(work: () => unknown): [code: string, field: string | undefined] | null {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof LabError) return [error.code, error.problem.field]
    throw error
  }
}

test('consistent options pass', () => {
  expect(refused(() => validateRequest(request()))).toBeNull()
  expect(refused(() => validateRequest(request({ protocol: 'udp', reuseport: false, reuseaddr: true })))).toBeNull()
  expect(refused(() => validateRequest(request({ acceptModel: 'shared', reuseport: false, listeners: 8 })))).toBeNull()
  expect(refused(() => validateRequest(request({ steering: 'member', steerTo: 3 })))).toBeNull()
})

test('TCP cannot share by SO_REUSEADDR', () => {
  expect(refused(() => validateRequest(request({ reuseport: false, reuseaddr: true })))).toEqual([
    'UNPROCESSABLE_CONTENT',
    'reuseport',
  ])
})

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    '127.9.8.7',
    '0.0.0.0',
    '::',
    '::1',
    '10.0.0.7',
    '::ffff:10.0.0.7',
    '::ffff:127.0.0.5',
    'fe80::1%eth0',
  ])('%s belongs to this machine', (address) => expect(refused(() => checkAddress({ address }, machine))).toBeNull())
  test.each([
    '10.0.0.8',
    '::2',
    '::ffff:10.0.0.8',
    'fe80::2%eth0',
    '256.0.0.1',
    '127.1',
    'localhost',
    '127.0.0.1%lo',
    '',
  ])('%s does not', (address) =>
    expect(refused(() => checkAddress({ address }, machine))).toEqual(['UNPROCESSABLE_CONTENT', 'address']),
  )
})

test('users: unknown, oneself, another', () => {
  expect(refused(() => checkUser('nobody-here', machine))).toEqual(['UNPROCESSABLE_CONTENT', 'user'])
  expect(checkUser('ada', machine)).toBeNull()
  expect(refused(() => checkUser('www-data', machine))).toEqual(['FORBIDDEN', 'user'])
  expect(checkUser('www-data', { ...machine, uid: 0, root: true })).toMatchObject({ uid: 33, gid: 33 })
})

describe('permissions', () => {
  const capable = { ...machine, has: () => true }
  const stranger = { name: 'www-data', uid: 33, gid: 33 }
  test('a privileged port requires the capability of the user who binds', () => {
    expect(refused(() => checkAllowed(request({ port: 80 }), null, machine))).toEqual(['FORBIDDEN', 'port'])
    expect(refused(() => checkAllowed(request({ port: 1024 }), null, machine))).toBeNull()
    expect(refused(() => checkAllowed(request({ port: 80 }), null, capable))).toBeNull()
    expect(refused(() => checkAllowed(request({ port: 80 }), stranger, capable))).toEqual(['FORBIDDEN', 'port'])
    // A shared listener is bound before its workers change their user.
    expect(refused(() => checkAllowed(request({ port: 80, acceptModel: 'shared' }), stranger, capable))).toBeNull()
  })

  test('descriptors: as many as fit, and not one more', () => {
    const most = workersPerProcess(machine, 'reuseport')
    expect(most).toBe(480)
    expect(refused(() => checkAllowed(request({ listeners: most }), null, machine))).toBeNull()
    expect(refused(() => checkAllowed(request({ listeners: most + 1 }), null, machine))?.[1]).toBe('listeners')
    expect(refused(() => checkAllowed(request({ listeners: most + 1, processes: 2 }), null, machine))).toBeNull()
  })
})

test('a port is shared only on request, and never with a socket that refuses it', () => {
  const conflict = { description: 'nginx (pid 812, user root)', uid: 0, reuseport: true }
  for (const refuses of [false, null, true]) {
    expect(refused(() => checkPort(request({ port: 80 }), [{ ...conflict, refuses }]))?.[1]).toBe('port')
  }
  const joining = request({ port: 80, join: true })
  expect(refused(() => checkPort(joining, [{ ...conflict, refuses: false }]))).toBeNull()
  expect(refused(() => checkPort(joining, [{ ...conflict, refuses: null }]))).toBeNull()
  expect(refused(() => checkPort(joining, [{ ...conflict, refuses: true }]))?.[1]).toBe('port')
  expect(refused(() => checkPort(request({ port: 80 }), []))).toBeNull()
  // The sockets there are unknown.
  expect(refused(() => checkPort(request({ port: 80 }), null))).toEqual(['SERVICE_UNAVAILABLE', 'port'])
  expect(refused(() => checkPort(joining, null))).toBeNull()
  const { problem } = portInUse(request({ port: 80 }), [{ ...conflict, refuses: true }])
  expect(problem).toMatchObject({
    operation: 'binding tcp 127.0.0.1:80',
    cause: 'the port is in use by nginx (pid 812, user root)',
  })
  expect(portInUse(request({ port: 80 }), []).problem.cause).toBe('the port is in use')
})

test('traffic has the exchanges of its protocol', () => {
  const traffic = (exchange: TrafficRequest['exchange']) => TrafficRequest.parse({ id: '00000000', exchange })
  const possible = (listening: ListenRequest) =>
    (['echo', 'hold', 'close', 'send', 'dns'] as const).filter(
      (exchange) => refused(() => checkTraffic(traffic(exchange), listening)) === null,
    )
  expect(possible(request())).toEqual(['echo', 'hold', 'close'])
  expect(possible(request({ protocol: 'udp' }))).toEqual(['echo', 'send'])
  expect(possible(request({ protocol: 'udp', reply: 'dns' }))).toEqual(['send', 'dns'])
})
