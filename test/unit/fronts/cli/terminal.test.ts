import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { processTerminal } from '../../../../electron/fronts/cli/terminal.ts'

function widthOf(given: { isTTY?: boolean; columns?: number }): number {
  const stream = () => Object.assign(new PassThrough(), given) as unknown as NodeJS.WriteStream
  return processTerminal({ stdout: stream(), stderr: stream() }, {}).width
}

test('the width of a terminal; 80 where it reports none or 0; a pipe has no limit', () => {
  expect(widthOf({ isTTY: true, columns: 132 })).toBe(132)
  expect(widthOf({ isTTY: true })).toBe(80)
  expect(widthOf({ isTTY: true, columns: 0 })).toBe(80)
  expect(widthOf({})).toBe(Number.POSITIVE_INFINITY)
})
