/** "Show what root sees": an ordinary user's program starts an engine that only reads, with a real sudo or pkexec. */
import { beforeEach, expect, test } from 'vitest'
import { ROOT_HERE } from '../../electron/contract/constants.ts'
import { readsBpf } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { PASSWORD, startOrdinaryUser } from './support/ordinary-user.ts'
import { needsProgram } from './support/program.ts'
import { startSocketMaker } from './support/socket-maker.ts'

beforeEach((context) => {
  needsRoot(context)
  needsProgram(context, 'sudo')
})

test("it sees others' owners, runs no lab, and ends when the user disconnects", async () => {
  await using maker = await startSocketMaker({ command: 'maker' })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  await using user = await startOrdinaryUser('ALL=(ALL) NOPASSWD: ALL')
  expect(await user.hosts.known()).toEqual([
    { name: ROOT_HERE, via: 'sudo', origin: 'root', detail: null, lastConnectedAt: null },
  ])
  const holders = async (client: typeof user.near) => {
    const { groups } = await client.snapshot({})
    return groups
      .filter(({ port }) => port === made[0]?.port)
      .flatMap(({ members }) => members.map(({ holders }) => holders?.map(({ command }) => command) ?? null))
  }
  expect(await holders(user.near)).toEqual([null, null])
  await user.hosts.connect({ name: ROOT_HERE })
  const { about } = await user.connection(ROOT_HERE, 'connected')
  expect(about).toMatchObject({ host: { uid: 0 }, program: null })
  expect(user.trapped()).toBe(false)
  const asRoot = await user.engineOf(ROOT_HERE)
  expect(await holders(asRoot)).toEqual([['maker'], ['maker']])
  await expect(asRoot.lab.listen({ protocol: 'tcp', address: '127.0.0.1' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    data: { operation: 'using the lab', cause: expect.stringContaining('only reads') },
  })
  // BPF is read through it, where this machine lets root do that.
  const bpf = readsBpf() ? 'yes' : 'no'
  const { checks } = await asRoot.machine.capabilities()
  const states = new Map(checks.map(({ id, state }) => [id, state]))
  const byBpf = ['kernel-groups', 'counts', 'flows'].map((id) => states.get(id))
  expect([states.get('owners'), ...byBpf]).toEqual(['yes', bpf, bpf, bpf])
  expect(user.engines()).toHaveLength(1)
  await user.hosts.disconnect({ name: ROOT_HERE })
  await eventually("root's engine has ended", () => user.engines().length === 0)
})

test('sudo asks on the page; a wrong password is said in its own words, and not tried again', async () => {
  await using user = await startOrdinaryUser('ALL=(ALL) ALL')
  await user.hosts.connect({ name: ROOT_HERE })
  const answered = new Set<string>()
  const answer = async (text: string) => {
    const { state } = await user.connection(
      ROOT_HERE,
      'connecting',
      ({ state }) => state.phase === 'connecting' && state.question !== null && !answered.has(state.question.id),
    )
    if (state.phase !== 'connecting' || state.question === null) throw new Error('no question')
    expect(state.question).toMatchObject({ kind: 'secret', text: '[sudo] password for rpi-alice: ' })
    answered.add(state.question.id)
    await user.hosts.answer({ name: ROOT_HERE, question: state.question.id, text })
  }
  await answer('wrong')
  const { state } = await user.connection(ROOT_HERE, 'failed')
  expect(state).toMatchObject({
    failure: {
      problem: {
        cause: expect.stringMatching(/^.*1 incorrect password attempt$/),
        hint: expect.stringMatching(/^Try again\./),
      },
      said: expect.stringContaining('1 incorrect password attempt'),
    },
  })
  await user.hosts.connect({ name: ROOT_HERE })
  await answer(PASSWORD)
  await user.connection(ROOT_HERE, 'connected')
  // Lost, it is started again by the user only.
  process.kill(Number.parseInt(user.engines()[0] ?? '', 10), 'SIGKILL')
  expect((await user.connection(ROOT_HERE, 'lost')).state).toMatchObject({ needsUser: true, retryAt: null })
  await user.hosts.connect({ name: ROOT_HERE })
  await answer(PASSWORD)
  await user.connection(ROOT_HERE, 'connected')
  // With the program that started it, root's engine ends.
  user.server.kill('SIGKILL')
  await eventually("root's engine has ended", () => user.engines().length === 0)
})

test('what sudo refuses is said in its own words, with what to do', async () => {
  await using user = await startOrdinaryUser('ALL=(ALL) /bin/true')
  const failure = async () => (await user.connection(ROOT_HERE, 'failed')).state
  await user.hosts.connect({ name: ROOT_HERE })
  const { state } = await user.connection(
    ROOT_HERE,
    'connecting',
    ({ state }) => state.phase === 'connecting' && state.question !== null,
  )
  const question = state.phase === 'connecting' ? (state.question?.id ?? '') : ''
  await user.hosts.answer({ name: ROOT_HERE, question, text: PASSWORD })
  expect(await failure()).toMatchObject({
    failure: {
      problem: { cause: expect.stringContaining('is not allowed to execute'), hint: expect.stringMatching(/^Ask who/) },
    },
  })
})

const POLKIT = ['pkexec', 'dbus-daemon']

test('on a desktop, polkit decides about the action of the package; its engine only reads, and ends with the program', async (context) => {
  for (const name of POLKIT) needsProgram(context, name)
  await using maker = await startSocketMaker({ command: 'maker' })
  const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  await using user = await startOrdinaryUser(null, { polkit: 'YES' })
  expect(await user.hosts.known()).toMatchObject([{ name: ROOT_HERE, via: 'pkexec' }])
  await user.hosts.connect({ name: ROOT_HERE })
  const { about } = await user.connection(ROOT_HERE, 'connected')
  expect(about).toMatchObject({ host: { uid: 0 } })
  expect(user.trapped()).toBe(false)
  const asRoot = await user.engineOf(ROOT_HERE)
  const { groups } = await asRoot.snapshot({})
  const own = groups.filter(({ port }) => port === made[0]?.port)
  expect(own.flatMap(({ members }) => members.map(({ holders }) => holders?.map(({ command }) => command)))).toEqual([
    ['maker'],
    ['maker'],
  ])
  await expect(asRoot.lab.listen({ protocol: 'tcp', address: '127.0.0.1' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  expect(user.engines()).toHaveLength(1)
  await user.hosts.disconnect({ name: ROOT_HERE })
  await eventually("root's engine has ended", () => user.engines().length === 0)
  // The user may not kill it: it ends with its standard input.
  await user.hosts.connect({ name: ROOT_HERE })
  await user.connection(ROOT_HERE, 'connected')
  user.server.kill('SIGKILL')
  await eventually("root's engine has ended", () => user.engines().length === 0)
})

test('what polkit refuses is said in the words of pkexec, with what to do', async (context) => {
  for (const name of POLKIT) needsProgram(context, name)
  await using user = await startOrdinaryUser(null, { polkit: 'NO' })
  await user.hosts.connect({ name: ROOT_HERE })
  expect((await user.connection(ROOT_HERE, 'failed')).state).toMatchObject({
    failure: {
      problem: { cause: expect.stringContaining('Not authorized'), hint: expect.stringMatching(/^Ask who/) },
    },
  })
})
