/**
 * Files that people have saved stay readable. Each file in examples/ is of a format that was once written: never edit
 * one, add another.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  Evidence,
  Family,
  Protocol,
  QueueUnit,
  Redaction,
  Severity,
  Sharing,
  SocketState,
} from '../../../../electron/contract/model.ts'
import { fileBytes } from '../../../../electron/engine/snapshots/file-bytes.ts'
import { checkedParts, readSnapshot } from '../../../../electron/engine/snapshots/read.ts'
import { PLAY_LIMITS, recordedSnapshots } from '../../../../electron/engine/snapshots/recording-file.ts'

const folder = join(import.meta.dirname, 'examples')
const files = readdirSync(folder)
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8')

const UNREADABLE =
  'a saved file is no longer readable, or loses a value. Give a new field a default in the model ' +
  '(`.default(null)`: unknown), and do not remove or rename what is saved. Where that is not possible, raise the ' +
  'version of the schema and convert the old one in read.ts. Do not change the example.'

test.each(files.filter((file) => file.startsWith('snapshot-')))('%s', async (file) => {
  const snapshot = await readSnapshot(join(folder, file)).catch((error: unknown) =>
    expect.fail(`${UNREADABLE}\n${error}`),
  )
  expect(snapshot, UNREADABLE).toMatchObject(JSON.parse(textOf(file)))
})

test.each(files.filter((file) => file.startsWith('recording-')))('%s', async (file) => {
  const [, ...saved] = textOf(file)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const read: unknown[] = []
  const parts = checkedParts(file, fileBytes(join(folder, file), PLAY_LIMITS))
  for await (const { state, frame } of recordedSnapshots(file, parts)) read.push(frame ?? state.snapshot())
  expect(read, UNREADABLE).toMatchObject(saved)
})

test('the examples have every value of the enums that are saved', () => {
  const text = files.map(textOf).join('')
  const enums = [Protocol, Family, SocketState, Sharing, Evidence, QueueUnit, Severity, Redaction]
  const absent = enums.flatMap((each) => each.options).filter((value) => !text.includes(`"${value}"`))
  expect(absent, 'add another example that has this value').toEqual([])
})
