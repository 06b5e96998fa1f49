/** However the lab program ends, and whichever of its processes is killed: nothing is left. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { eventually } from './support/conditions.ts'
import {
  childrenOf,
  hasControlSocket,
  labProgram,
  lives,
  type ProgramStatus,
  received,
  socketsOf,
  startLabProgram,
  sum,
} from './support/lab-program.ts'

describe('ends', () => {
  /** A lab under load, in two processes. */
  async function busy() {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=4 processes=2')
    await lab.ask('traffic count=1000000 rate=500 seconds=600')
    const { traffic } = await eventually('it is under load', async () => {
      const now = await lab.status()
      return Number(now.traffic?.done) > 20 ? now : null
    })
    if (!traffic) throw new Error('there is no traffic')
    return { lab, status, traffic, pids: [status.supervisor, ...status.pids, traffic.pid] }
  }
  async function expectNothingLeft(id: string, pids: readonly number[], status: ProgramStatus): Promise<void> {
    await eventually('every process is gone', () => !pids.some(lives))
    await eventually('every socket is gone', async () => (await socketsOf(status)).length === 0)
    expect(hasControlSocket(id)).toBe(false)
  }

  test('by request: stop returns the final counts once nothing is left', async () => {
    const { lab, status, pids } = await busy()
    await using _ = lab
    const last = (await lab.ask('stop')) as unknown as ProgramStatus
    expect(last.traffic).toMatchObject({ done: sum(received(last)), failed: false })
    expect(await socketsOf(status)).toEqual([])
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, pids, status)
  })

  test('when standard input ends', async () => {
    const { lab, status, pids } = await busy()
    lab.child.stdin?.end()
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, pids, status)
  })

  test('at its time', async () => {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 seconds=1')
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, [status.supervisor, ...status.pids], status)
  })

  test('at its time, even if its output is not read', async () => {
    const id = '0badcafe'
    const child = spawn(labProgram, [id], { stdio: ['pipe', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    // Each reply is longer than a pipe holds. They are requested at once: later, its time could be up already.
    child.stdin.write(
      `listen protocol=tcp address=127.0.0.1 listeners=1000 processes=2 seconds=1\n${'status\n'.repeat(3)}`,
    )
    let pids: number[] = []
    await eventually('it is open, or has already ended', () => {
      if (!lives(Number(child.pid))) return true
      pids = childrenOf(Number(child.pid)).map(Number)
      return pids.length === 2
    })
    expect(await exit).toEqual([null, 'SIGALRM'])
    await eventually('every process is gone', () => !pids.some(lives))
    child.stdin.destroy()
    child.stdout.destroy()
  })

  test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('when the supervisor gets %s', async (signal) => {
    const { lab, status, pids } = await busy()
    process.kill(status.supervisor, signal)
    expect(await lab.ended).toBe(signal)
    await expectNothingLeft(lab.id, pids, status)
  })

  test('when the process that started it is killed, also under another user', async () => {
    const uid = process.getuid?.() === 0 ? ' uid=65534' : ''
    const script = `const { spawn } = require('node:child_process')
      const lab = spawn(${JSON.stringify(labProgram)}, ['0badcafe'], { stdio: ['pipe', 'inherit', 'inherit'] })
      lab.stdin.write('listen protocol=tcp address=127.0.0.1 processes=2${uid}\\n')`
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const line = await createInterface({ input: parent.stdout })[Symbol.asyncIterator]().next()
    const status = JSON.parse(String(line.value)) as ProgramStatus
    expect(await socketsOf(status)).toHaveLength(4)
    parent.kill('SIGKILL')
    await expectNothingLeft('0badcafe', [status.supervisor, ...status.pids], status)
  })

  test('a killed worker closes its own members, and the lab continues; the last one ends it', async () => {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=4 processes=2')
    const [first, second] = status.pids
    process.kill(Number(first), 'SIGKILL')
    const after = await eventually('it is noticed', async () => {
      const now = await lab.status()
      return now.pids.length === 1 ? now : null
    })
    expect(after.members.map((member) => member.state)).toEqual(['failed', 'normal', 'failed', 'normal'])
    expect(await socketsOf(status)).toHaveLength(2)
    const { traffic, workers } = await lab.traffic('count=1000')
    expect(traffic).toMatchObject({ done: 1000 })
    expect(sum(workers.map((worker) => worker.received))).toBe(1000)
    await lab.ask('add')
    expect((await lab.status()).members[4]).toMatchObject({ pid: second, state: 'normal' })
    process.kill(Number(second), 'SIGKILL')
    expect(await lab.ended).toBe(1)
    await expectNothingLeft(lab.id, [status.supervisor, ...status.pids], status)
  })

  test.each(['shared', 'dispatcher'])('a killed worker of %s leaves the others working', async (taking) => {
    await using lab = startLabProgram()
    const status = await lab.listen(`protocol=tcp address=127.0.0.1 listeners=4 processes=2 accept_model=${taking}`)
    process.kill(Number(status.pids[1]), 'SIGKILL')
    await eventually('it is noticed', async () => (await lab.status()).pids.length === 1)
    const { traffic, workers, members } = await lab.traffic('count=1000')
    expect(traffic.done).toBe(1000)
    expect([workers[1]?.received, workers[3]?.received]).toEqual([0, 0])
    expect(members[0]).toMatchObject({ state: 'normal', pid: status.pids[0] })
  })

  test('killed traffic is reported, and more can be sent', async () => {
    const { lab, traffic } = await busy()
    await using _ = lab
    process.kill(traffic.pid, 'SIGKILL')
    await eventually('it is noticed', async () => (await lab.status()).traffic?.failed === true)
    expect((await lab.traffic('count=100')).traffic).toMatchObject({ done: 100, failed: false })
  })

  test('a stopped worker does not delay the end', async () => {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 processes=2')
    process.kill(Number(status.pids[0]), 'SIGSTOP')
    lab.child.stdin?.end()
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, [status.supervisor, ...status.pids], status)
  })
})
