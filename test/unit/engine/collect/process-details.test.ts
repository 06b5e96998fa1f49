import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProcessDetails } from '../../../../electron/engine/collect/process-details.ts'
import type { ScannedProcess } from '../../../../electron/engine/collect/process-table.ts'
import { startTimeOf } from '../../../../electron/engine/common/process-files.ts'

function scanned(pid: number, startTime: number, over: Partial<ScannedProcess> = {}): ScannedProcess {
  const known = {
    parent: 1,
    command: 'nginx',
    comm: 'nginx',
    startedAt: null,
    uid: 0,
    netns: null,
    sockets: 0,
    epolls: 0,
  }
  return { ...known, pid, startTime, ...over }
}

describe('a process of this machine', () => {
  let child: ChildProcess
  beforeEach(async () => {
    const arguments_ = ['-e', 'process.stdin.resume(); console.log()', '--', 'two words', '', 'last']
    child = spawn(process.execPath, arguments_, { argv0: 'a program', stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout ?? child, 'data')
  })
  afterEach(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })

  function itself(): ScannedProcess {
    const pid = child.pid ?? 0
    const startTime = startTimeOf(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? 0
    return scanned(pid, startTime, { startedAt: '2026-01-02T03:04:05.000Z', uid: 7 })
  }

  it('is described by what it was started with', async () => {
    const details = new ProcessDetails()
    const asked = itself()
    expect(details.describe(asked)).toBeNull()
    await details.load([asked])
    expect(details.describe(asked)).toMatchObject({
      pid: child.pid,
      command: 'nginx',
      commandLine: ['a program', '-e', 'process.stdin.resume(); console.log()', '--', 'two words', '', 'last'],
      executable: process.execPath,
      startedAt: '2026-01-02T03:04:05.000Z',
      uid: 7,
    })
    expect(details.describe(asked)?.cgroup).toMatch(/^\//)
  })

  it('with another start time is another process, of which nothing is known', async () => {
    const details = new ProcessDetails()
    const asked = itself()
    const earlier = { ...asked, startTime: (asked.startTime ?? 0) - 1 }
    await details.load([earlier])
    expect(details.describe(earlier)).toBeNull()
    expect(details.service(earlier)).toBeNull()
  })

  it('that has exited is no longer described', async () => {
    const details = new ProcessDetails()
    const asked = itself()
    await details.load([asked])
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(details.describe(asked)).toBeNull()
  })
})

describe('a tree like /proc', () => {
  const id = 'ab'.repeat(32)
  let root: string
  let now: number
  let details: ProcessDetails
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'reuseport-details-'))
    now = Date.parse('2026-01-01T00:10:00Z')
    details = new ProcessDetails(root, () => now)
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function put(pid: number, file: string, text: string): void {
    mkdirSync(join(root, `${pid}`), { recursive: true })
    writeFileSync(join(root, `${pid}`, file), text)
  }
  function start(pid: number, startTime: number): void {
    put(pid, 'stat', `${pid} (x) S 1 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 ${startTime} 1 1\n`)
  }

  it('has a service: the unit, or the short name of the container', async () => {
    start(1, 10)
    put(1, 'cgroup', '0::/system.slice/nginx.service\n')
    start(2, 20)
    put(2, 'cgroup', `0::/system.slice/docker-${id}.scope\n`)
    start(3, 30)
    const processes = [scanned(1, 10), scanned(2, 20), scanned(3, 30)] as const
    await details.load(processes)
    expect(processes.map((process) => details.service(process))).toEqual(['nginx.service', 'abababababab', null])
    expect(processes.map((process) => details.containerName(process))).toEqual([null, 'abababababab', null])
    expect(details.describe(processes[1])?.container).toEqual({ runtime: 'docker', id })
  })

  it('has null for each file that cannot be read', async () => {
    start(1, 10)
    await details.load([scanned(1, 10)])
    expect(details.describe(scanned(1, 10))).toMatchObject({
      commandLine: null,
      executable: null,
      cgroup: null,
      unit: null,
      container: null,
    })
  })

  it('keeps the mark of a program that was replaced while it ran', async () => {
    start(1, 10)
    symlinkSync('/usr/sbin/nginx (deleted)', join(root, '1', 'exe'))
    await details.load([scanned(1, 10)])
    expect(details.describe(scanned(1, 10))?.executable).toBe('/usr/sbin/nginx (deleted)')
  })

  it('is read once while nothing changes, and again when the process is renamed', async () => {
    const old = { startedAt: '2026-01-01T00:00:00Z' }
    start(1, 10)
    put(1, 'cgroup', '0::/a.service\n')
    put(1, 'cmdline', 'one\0')
    await details.load([scanned(1, 10, old)])
    expect(details.describe(scanned(1, 10, old))?.commandLine).toEqual(['one'])
    const { generation } = details

    put(1, 'cgroup', '0::/b.service\n')
    put(1, 'cmdline', 'two\0')
    await details.load([scanned(1, 10, old)])
    expect(details.service(scanned(1, 10, old))).toBe('a.service')
    expect(details.describe(scanned(1, 10, old))?.commandLine).toEqual(['one'])
    expect(details.generation).toBe(generation)

    const renamed = scanned(1, 10, { ...old, command: 'other' })
    await details.load([renamed])
    expect(details.service(renamed)).toBe('b.service')
    expect(details.describe(renamed)?.commandLine).toEqual(['two'])
    expect(details.generation).toBe(generation + 1)
  })

  it('is read again after a minute, and sooner for a young process', async () => {
    const old = scanned(1, 10, { startedAt: '2026-01-01T00:00:00Z' })
    const young = scanned(2, 20, { startedAt: '2026-01-01T00:09:58Z' })
    const both = [old, young] as const
    const services = () => both.map((process) => details.service(process))
    for (const { pid, startTime } of both) {
      start(pid, startTime ?? 0)
      put(pid, 'cgroup', '0::/a.service\n')
    }
    await details.load(both)
    for (const { pid } of both) put(pid, 'cgroup', '0::/b.service\n')
    now += 2000
    await details.load(both)
    expect(services()).toEqual(['a.service', 'b.service'])
    now += 58_000
    await details.load(both)
    expect(services()).toEqual(['b.service', 'b.service'])
  })

  it('forgets processes that have exited', async () => {
    start(1, 10)
    put(1, 'cgroup', '0::/a.service\n')
    await details.load([scanned(1, 10)])
    await details.load([])
    expect(details.service(scanned(1, 10))).toBeNull()
    expect(details.describe(scanned(1, 10))).toBeNull()
  })
})
