/** An addon with a fake kernel: each refresh shows the groups that the test set. */

import { statSync } from 'node:fs'
import type { Addon, Frame, LineProgram, Reader, Refresh } from '../../../../native/index.ts'
import { layout } from '../../../../native/layout.generated.ts'
import { type FakeGroup, fakeFrame } from './frame.ts'

export class FakeKernel {
  refresh = 0
  groups: FakeGroup[] = []
  failure: Error | null = null
  refreshes = 0
  #before: FakeGroup[] = []

  /** The addon over this kernel. */
  addon(): Addon {
    const kernel = this
    class FakeReader implements Reader {
      openNamespace = async () => statSync('/proc/self/ns/net').ino
      openHeldNamespace = async () => 0
      searchHeldNamespaces = async () => ({ found: [], remaining: 0 })
      closeNamespace = () => {}
      within = <T>(_inode: number, _action: () => T): T => {
        throw new Error('no rtnetlink here')
      }
      refresh = async (): Promise<Refresh> => {
        kernel.refreshes++
        if (kernel.failure) throw kernel.failure
        return {
          frame: kernel.#next(),
          durationMs: 1,
          passes: 1,
          unsettled: false,
          tables: 3,
          failures: [],
          missing: [],
        }
      }
      scanHolders = async () => ({
        durationMs: 1,
        generation: 1,
        processes: new ArrayBuffer(0),
        processCount: 0,
        refused: 0,
        failure: null,
      })
      readOptions = async () => ({ read: 0, refused: 0, givenUp: 0, durationMs: 0 })
      scanPollers = async () => ({ inodes: new Uint32Array(0), pids: new Uint32Array(0), refused: 0 })
      applyOptions = () => {}
      applyKernelGroup = () => {}
      probe = async () => ({ cookies: new BigUint64Array(0), durationMs: 0 }) as Awaited<ReturnType<Reader['probe']>>
      readInterfaces = async () => []
      dumpPort = async () => ({
        cookies: new BigUint64Array(0),
        inodes: new Uint32Array(0),
        pids: new Uint32Array(0),
        ports: new Uint16Array(0),
        addresses: new Uint8Array(0),
        interfaces: new Uint32Array(0),
        remotePorts: new Uint16Array(0),
        remoteAddresses: new Uint8Array(0),
        uids: new Uint32Array(0),
        states: new Uint8Array(0),
        options: new Uint8Array(0),
        waitedMs: new Uint32Array(0),
        durationMs: 0,
      })
      query = async () => new Uint8Array(0)
      findLookupPrograms = async () => new Uint32Array(0)
      listsBoundTcp = async () => true
      readIncomingCpus = async () => new Uint16Array(0)
      close = () => {}
    }
    class NoProgram implements LineProgram {
      ask = async () => ({ line: null, errorText: '', status: 1, signal: null })
      end = () => {}
    }
    return { layout, Reader: FakeReader, LineProgram: NoProgram, connectAbstract: () => null, endAfterSignal: () => {} }
  }

  #next(): Frame {
    this.refresh++
    const before = new Map(this.#before.map((group) => [group.id, group]))
    const now = new Map(this.groups.map((group) => [group.id, group]))
    for (const group of this.groups) {
      const old = before.get(group.id)
      group.since = old?.since ?? this.refresh
      const same = old !== undefined && describe(old) === describe(group)
      group.changed = same ? (old.changed ?? 1) : this.refresh
      const sameMembers = old !== undefined && old.sharing === group.sharing && cookies(old) === cookies(group)
      group.membersChanged = sameMembers ? (old.membersChanged ?? 1) : this.refresh
      for (const socket of group.sockets) {
        const oldSocket = old?.sockets.find(({ cookie }) => cookie === socket.cookie)
        socket.since = oldSocket?.since ?? this.refresh
        const sameSocket =
          oldSocket !== undefined && oldSocket.length === socket.length && oldSocket.drops === socket.drops
        socket.changed = sameSocket ? (oldSocket.changed ?? 1) : this.refresh
      }
    }
    const gone = this.#before.flatMap((group) =>
      group.sockets
        .filter(({ cookie }) => !now.get(group.id)?.sockets.some((socket) => socket.cookie === cookie))
        .map(({ cookie }) => ({ cookie, group: group.id })),
    )
    const frame = fakeFrame(this.refresh, this.groups, {
      removedGroups: BigUint64Array.from(this.#before.filter(({ id }) => !now.has(id)).map(({ id }) => id)),
      removedSockets: BigUint64Array.from(gone.map(({ cookie }) => cookie)),
      removedSocketGroups: BigUint64Array.from(gone.map(({ group }) => group)),
    })
    this.#before = this.groups.map((group) => ({ ...group, sockets: group.sockets.map((socket) => ({ ...socket })) }))
    return frame
  }
}

function describe(group: FakeGroup): string {
  return JSON.stringify([
    group.sharing,
    group.sockets.map(({ cookie, length, drops }) => [String(cookie), length, drops]),
  ])
}

function cookies(group: FakeGroup): string {
  return group.sockets.map(({ cookie }) => cookie).join()
}
