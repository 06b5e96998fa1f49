/** The terminal on this kernel: pages, exports, rights, and a recipe of the lab. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Check } from '../../../electron/contract/live.ts'
import type { Host, Snapshot } from '../../../electron/contract/model.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from '../../integration/support/socket-maker.ts'
import { json, NOBODY, terminal } from './product.ts'

const PORT = 7001
/** What each format begins with. */
const formats = {
  json: '{',
  csv: 'group',
  html: '<!doctype html>',
  markdown: '#',
  svg: '<svg',
  openmetrics: '# ',
}

describe('the terminal', () => {
  let maker: SocketMaker
  let made: MadeSocket[]
  before(async () => {
    maker = await startSocketMaker()
    made = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: PORT, options: ['reuseport'], count: 3 })
  })
  after(() => maker.end())
  const place = { protocol: 'tcp', local: `127.0.0.1:${PORT}`, remote: '198.51.100.7:40000' }
  const flow = Object.entries(place).flatMap(([name, value]) => [`--${name}`, value])

  for (const uid of [0, NOBODY]) {
    const who = uid === 0 ? 'root' : 'another user'
    test(`groups, show and sockets name the group and its members, as ${who}`, async () => {
      const { status, out } = await terminal(['groups'], { uid })
      assert.equal(status, 0, out)
      assert.match(out, new RegExp(`^tcp4 +127\\.0\\.0\\.1:${PORT} +3 `, 'm'))
      const shown = await terminal(['show', `:${PORT}`], { uid })
      assert.equal(shown.status, 0, shown.messages)
      assert.match(shown.out, /co-listening/)
      const sockets = await json<Snapshot>(['sockets', '--port', String(PORT)], { uid })
      const cookies = sockets.groups.flatMap(({ members }) => members.map(({ cookie }) => cookie))
      assert.deepEqual(new Set(cookies), new Set(made.map(({ cookie }) => cookie)))
    })

    test(`probe and path give an answer, as ${who}`, async () => {
      const probe = await terminal(['probe', ...flow], { uid })
      assert.equal(probe.status, 0, probe.messages)
      // Status 1 would say that the kernel's answer differs from the rules.
      const path = await terminal(['path', ...flow], { uid })
      assert.equal(path.status, 0, path.messages)
    })

    test(`doctor says what can be seen, as ${who}`, async () => {
      const { status, out } = await terminal(['doctor', '--json'], { uid })
      assert.equal(status, 0)
      const { checks } = JSON.parse(out) as { host: Host; checks: Check[] }
      const state = (id: string) => checks.find((check) => check.id === id)?.state
      assert.equal(state('sockets'), 'yes')
      assert.equal(state('oracle'), 'yes')
      assert.equal(state('options'), uid === 0 ? 'yes' : 'partly')
    })
  }

  test('a snapshot is saved, and exported in every format', async () => {
    const file = '/tmp/kernels-snapshot.json'
    assert.equal((await terminal(['snapshot', 'save', '--force', file])).status, 0)
    for (const [format, beginning] of Object.entries(formats)) {
      const { status, out, messages } = await terminal(['export', file, '--format', format])
      assert.equal(status, 0, messages)
      assert.equal(out.slice(0, beginning.length).toLowerCase(), beginning, format)
      assert.ok(out.includes(String(PORT)), format)
    }
  })

  // The first is the fastest; the second rests on a setting that older kernels lack.
  for (const recipe of ['reuseaddr-is-not-reuseport', 'listeners-change']) {
    test(`the recipe ${recipe}: its claims about the kernel hold`, async () => {
      const { status, out, messages } = await terminal(['lab', 'run', recipe, '--size', 'small'])
      assert.equal(status, 0, messages + out)
    })
  }
})
