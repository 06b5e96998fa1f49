/** The terminal on this kernel, with a healthy group and an unhealthy one. Other tests check the engine's answers. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MadeSocket, SocketMaker } from '../../integration/support/socket-maker.ts'
import { migratesRequests } from './kernel.ts'
import { type Finished, terminal } from './product.ts'
import { isRoot, namespace, sharedMaker, uid } from './user.ts'

const PORT = 7001
const FULL = 7002

describe('the terminal', () => {
  let maker: SocketMaker
  let made: MadeSocket[]
  before(async () => {
    maker = await sharedMaker()
    const spec = { protocol: 'tcp' as const, address: '127.0.0.1', options: ['reuseport' as const], count: 3 }
    made = await maker.open({ ...spec, port: PORT }, { ...spec, port: FULL, backlog: 1 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: FULL, count: 24, stuck: 18 })
  })
  after(() => maker.close(...made))

  const ends = async (status: number, ...args: string[]): Promise<Finished['out']> => {
    const finished = await terminal(args, uid)
    assert.equal(finished.status, status, finished.messages + finished.out)
    return finished.out
  }

  const here = ['--netns', String(namespace.inode)]

  // A process takes seconds to start in an emulated machine. What does not depend on the user is tested as one of them.
  if (isRoot) {
    test('show names the members', async () => {
      const shown = await ends(0, 'show', `:${PORT}`, ...here)
      assert.match(shown, /co-listening/)
      for (const { inode } of made.slice(0, 3)) assert.ok(shown.includes(String(inode)), shown)
    })

    test('the recipe listeners-change: its checks pass, and it claims no more than this kernel can do', async () => {
      const page = (await ends(0, 'lab', 'run', 'listeners-change', '--size', 'small')).replaceAll(/\s+/g, ' ')
      assert.match(page, migratesRequests ? /with tcp_migrate_req=1 it reset 0\./ : /This kernel cannot migrate/)
    })
  } else {
    test('findings name the overflowing queue, and no other', async () => {
      const findings = await ends(0, 'findings')
      assert.match(findings, new RegExp(`Members 1, 2 and 3 of 3 at tcp 127\\.0\\.0\\.1:${FULL} are full`))
      assert.ok(!findings.includes(`:${PORT} `), findings)
    })

    test('a lab recipe: its claims about the kernel hold', async () => {
      await ends(0, 'lab', 'run', 'reuseaddr-is-not-reuseport', '--size', 'small')
    })
  }
})
