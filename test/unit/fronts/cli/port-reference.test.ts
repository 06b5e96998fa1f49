import { expect, test } from 'vitest'
import { parsePortReference, portOfService } from '../../../../electron/fronts/cli/port-reference.ts'

test.each([
  ['8080', { port: 8080 }],
  [':8080', { port: 8080 }],
  ['*:8080', { port: 8080 }],
  ['8080/udp', { port: 8080, protocol: 'udp' }],
  ['udp:53', { port: 53, protocol: 'udp' }],
  ['127.0.0.1:53', { port: 53, address: '127.0.0.1' }],
  ['[::1]:53/tcp', { port: 53, protocol: 'tcp', address: '::1' }],
] as const)('%s', (text, expected) => {
  expect(parsePortReference(text)).toEqual(expected)
})

test.each(['', '0', '65536', '80/sctp', 'tcp:80/udp', '::1:53', 'localhost:80', 'no-such-service', '1.2.3:4'])(
  '%j is refused',
  (text) => {
    expect(() => parsePortReference(text)).toThrow(/is not a port/)
  },
)

test('services have names and aliases', () => {
  const services = '# comment\nhttp\t\t80/tcp\t\twww\t# WorldWideWeb\ndomain 53/tcp\ndomain 53/udp\nsnmp 161/udp\n'
  expect(portOfService(services, 'http', undefined)).toBe(80)
  expect(portOfService(services, 'www', 'tcp')).toBe(80)
  expect(portOfService(services, 'http', 'udp')).toBeNull()
  expect(portOfService(services, 'snmp', undefined)).toBe(161)
})
