import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { processTerminal, wantsColor } from '../../../../electron/fronts/cli/terminal.ts'

function terminalOf(given: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv = {}) {
  const stream = () => Object.assign(new PassThrough(), given) as unknown as NodeJS.WriteStream
  return processTerminal({ stdout: stream(), stderr: stream() }, env)
}
const widthOf = (...given: Parameters<typeof terminalOf>) => terminalOf(...given).width

test('the width of a terminal; 80 where it reports none or 0; a pipe has no limit', () => {
  expect(widthOf({ isTTY: true, columns: 132 })).toBe(132)
  expect(widthOf({ isTTY: true })).toBe(80)
  expect(widthOf({ isTTY: true, columns: 0 })).toBe(80)
  expect(widthOf({})).toBe(Number.POSITIVE_INFINITY)
})

test('COLUMNS decides, in a pipe too, where it is a number', () => {
  expect(widthOf({ isTTY: true, columns: 132 }, { COLUMNS: '60' })).toBe(60)
  expect(widthOf({}, { COLUMNS: '60' })).toBe(60)
  for (const COLUMNS of ['', '0', 'wide', '-5']) expect(widthOf({ isTTY: true, columns: 132 }, { COLUMNS })).toBe(132)
})

test('color: --color, then FORCE_COLOR, NO_COLOR, CLICOLOR_FORCE, then the terminal', () => {
  expect(wantsColor({}, true)).toBe(true)
  expect(wantsColor({}, false)).toBe(false)
  expect(wantsColor({ TERM: 'dumb' }, true)).toBe(false)
  expect(wantsColor({ CLICOLOR_FORCE: '1' }, false)).toBe(true)
  expect(wantsColor({ CLICOLOR_FORCE: '0' }, false)).toBe(false)
  expect(wantsColor({ CLICOLOR_FORCE: '1', NO_COLOR: '1' }, true)).toBe(false)
  expect(wantsColor({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(true)
  const terminal = terminalOf({}, { NO_COLOR: '1' })
  terminal.chooseColor('always')
  expect(terminal.color).toBe(true)
  terminal.chooseColor('never')
  expect(terminal.color).toBe(false)
})
