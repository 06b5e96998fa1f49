/** An IPVS virtual service takes a client before the lookup: it is named, and the client reaches no listener. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { loadIpvs, modulesAreOurs } from './modules.ts'
import { isRoot, sharedEngine, sharedMaker } from './user.ts'

const ADDRESS = '127.0.0.9'

/** Adds a service without a server, by setsockopt(2) as in ipvsadm (struct ip_vs_service_user in linux/ip_vs.h). */
const ADD_SERVICE = `
import socket, struct, sys
IP_VS_SO_SET_ADD = 64 + 1024 + 64 + 2
service = struct.pack('=HxxIHxxI16sIII', socket.IPPROTO_TCP, *struct.unpack('=I', socket.inet_aton(sys.argv[1])),
  socket.htons(int(sys.argv[2])), 0, b'none', 0, 0, 0xffffffff)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).setsockopt(socket.IPPROTO_IP, IP_VS_SO_SET_ADD, service)
`

// Without root no module can be loaded, and on the machine's own kernel none should be.
if (isRoot && modulesAreOurs)
  test('an IPVS virtual service is named, and takes clients from the listener at its address', async () => {
    const [engine, maker] = await Promise.all([sharedEngine(), sharedMaker()])
    const [made] = await maker.open({ protocol: 'tcp', address: ADDRESS, options: ['reuseport'] })
    assert.ok(made)
    const flow = {
      protocol: 'tcp',
      local: { address: ADDRESS, port: made.port },
      remote: { address: '127.0.0.1', port: 40_000 },
    } as const
    const ipvs = async () =>
      (await engine.client.steering.probe(flow)).beforeLookup.find(({ kind: what }) => what === 'ipvs')?.state
    assert.equal(await ipvs(), 'unsupported')
    const connects = async () => {
      const socket = connect(made.port, ADDRESS)
      const connected = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      socket.destroy()
      return connected
    }
    assert.equal(await connects(), true)

    loadIpvs()
    assert.equal(await ipvs(), 'none')
    execFileSync('python3', ['-I', '-c', ADD_SERVICE, ADDRESS, String(made.port)])
    assert.equal(await ipvs(), 'redirects')
    assert.equal(await connects(), false)
    await maker.close(made)
  })
