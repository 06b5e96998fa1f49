/** An interface of a VRF: which sockets receive there depends on more than the kernel lookup over sock_diag can ask. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { eventually } from '../../integration/support/conditions.ts'
import { addInterface, makeNamespace } from '../../integration/support/namespace.ts'
import { loadVrf, modulesAreOurs } from './modules.ts'
import { isRoot, namespace, sharedEngine, sharedMaker } from './user.ts'

// As for IPVS.
if (isRoot && modulesAreOurs)
  test('a VRF is named: a listener that is bound to no interface gets no client that arrives in it', async () => {
    const [engine, maker] = await Promise.all([sharedEngine(), sharedMaker()])
    loadVrf()
    await using there = await makeNamespace()
    await addInterface(namespace, 'inner', '10.9.0.1/24')
    await namespace.ip('link', 'set', 'inner-peer', 'netns', there.name)
    await there.ip('link', 'set', 'inner-peer', 'up')
    await there.ip('addr', 'add', '10.9.0.2/24', 'dev', 'inner-peer')
    const [made] = await maker.open({ protocol: 'tcp', address: '0.0.0.0', options: ['reuseport'] })
    assert.ok(made)
    const vrf = async () => {
      const { beforeLookup } = await engine.client.steering.probe({
        protocol: 'tcp',
        local: { address: '10.9.0.1', port: made.port },
        remote: { address: '10.9.0.2', port: 40_000 },
        interface: 'inner',
      })
      return beforeLookup.find(({ kind }) => kind === 'vrf')
    }
    /** From the other end of the pair. */
    const connects = () => {
      const connect = `import socket; socket.create_connection(('10.9.0.1', ${made.port}), 2)`
      try {
        execFileSync('ip', ['netns', 'exec', there.name, 'python3', '-I', '-c', connect], { stdio: 'ignore' })
        return true
      } catch {
        return false
      }
    }
    assert.equal((await vrf())?.state, 'none')
    // New interfaces send nothing for a moment (linkwatch_event() in net/core/link_watch.c).
    await eventually('a client connects', connects)

    await namespace.ip('link', 'add', 'red', 'type', 'vrf', 'table', '10')
    await namespace.ip('link', 'set', 'red', 'up')
    await namespace.ip('link', 'set', 'inner', 'master', 'red')
    const named = await vrf()
    assert.equal(named?.state, 'possible')
    assert.match(named.detail, /^inner belongs to a VRF\..*net\.ipv4\.tcp_l3mdev_accept is 1/)
    assert.equal(connects(), false)
    await maker.close(made)
    await namespace.ip('link', 'del', 'inner')
    await namespace.ip('link', 'del', 'red')
  })
