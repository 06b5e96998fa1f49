/** The engine when native addons get no external memory from V8, as in Electron: all integration tests run so. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseExternalMemory } from '../support/external-memory/build.ts'
import { addonPath, root } from './support/engine.ts'

/** Runs code in a separate Node. */
function run(flags: readonly string[], code: string) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, '--eval', code], {
    encoding: 'utf8',
    // The package uses this to find its prebuilt addon.
    cwd: root,
  })
  return { status, signal, stdout, stderr }
}

const NETLINK = `
  const { createRtNetlink } = require('netlink')
  const route = createRtNetlink()
  route.getLinks().then((links) => {
    console.log(links.some(({ attrs }) => attrs.ifname === 'lo'))
    route.socket.close()
  })`

const OURS = `
  const { Reader } = require(${JSON.stringify(addonPath)})
  const reader = new Reader()
  reader
    .openNamespace(null)
    .then((own) => reader.readInterfaces(own))
    .then((links) => {
      console.log(links.some(({ name }) => name === 'lo'))
      reader.close()
    })`

test('an addon with external buffers ends the process at the first one, and works where they are allowed', () => {
  expect(run([], NETLINK)).toEqual({ status: 0, signal: null, stdout: 'true\n', stderr: '' })
  const refused = run(refuseExternalMemory, NETLINK)
  expect(refused).toMatchObject({ status: null, signal: 'SIGABRT', stdout: '' })
  expect(refused.stderr).toContain('Napi::Error')
})

test('our addon reads the interfaces anyway', () => {
  expect(run(refuseExternalMemory, OURS)).toEqual({ status: 0, signal: null, stdout: 'true\n', stderr: '' })
})

test('the engine of these tests runs so', () => {
  expect(process.execArgv.join(' ')).toContain(join('external-memory', 'refuse.cjs'))
})
