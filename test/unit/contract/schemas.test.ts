/** The published schemas are generated here: `npm run generate` writes them, and this test keeps them equal to the model. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Balance, FindingRow, PacketPath, Probe, SteeringMap } from '../../../electron/contract/analysis.ts'
import { Comparison } from '../../../electron/contract/comparison.ts'
import { LoggedEvent } from '../../../electron/contract/events.ts'
import { RecipeRun } from '../../../electron/contract/lab.ts'
import { Group, Snapshot } from '../../../electron/contract/model.ts'
import { PortUse } from '../../../electron/contract/port.ts'
import { CheckFile } from '../../../electron/fronts/cli/check/check-file.ts'
import {
  CheckDocument,
  DoctorDocument,
  DuringDocument,
  ErrorDocument,
  FindingsDocument,
  HostsDocument,
  LabDocument,
  LabsDocument,
  ServerDocument,
  SocketDocument,
} from '../../../electron/fronts/cli/documents.ts'

/** A document that a command prints: its kind and version, and what could not be read where that is known. */
function printed(kind: string, answer: z.ZodObject) {
  const shortfalls = Snapshot.shape.shortfalls
  return z.object({ schema: z.literal(`reuseport-inspector/${kind}/1`), ...answer.shape, shortfalls })
}

test.each([
  ['snapshot', 'A snapshot of Reuseport Inspector', Snapshot],
  ['checks', 'A file of checks for Reuseport Inspector', CheckFile],
  ['comparison', 'What `diff --json` prints', Comparison],
  ['port', 'What `port --json` prints', printed('port', PortUse)],
  ['probe', 'What `probe --json` prints', printed('probe', Probe)],
  ['map', 'What `map --json` prints', printed('map', SteeringMap)],
  ['path', 'What `path --json` prints', printed('path', PacketPath)],
  ['balance', 'What `balance --json` prints', printed('balance', Balance)],
  ['findings', 'What `findings --json` prints', printed('findings', FindingsDocument)],
  ['finding', 'Each line of `findings -o ndjson`', printed('finding', FindingRow)],
  ['group', 'Each line of `groups -o ndjson`', printed('group', Group)],
  ['socket', 'Each line of `sockets -o ndjson`', printed('socket', SocketDocument)],
  ['doctor', 'What `doctor --json` prints', printed('doctor', DoctorDocument)],
  ['hosts', 'What `host list --json` prints', printed('hosts', HostsDocument)],
  ['labs', 'What `lab list --json` prints', printed('labs', LabsDocument)],
  ['lab', 'What `lab listen --json` and `lab traffic --json` print', printed('lab', LabDocument)],
  ['recipe-run', 'What `lab run --json` prints', printed('recipe-run', RecipeRun)],
  ['server', 'What `serve --json` prints', printed('server', ServerDocument)],
  ['check', 'What `check --json` prints', printed('check', CheckDocument)],
  ['during', 'What `during --json` prints', printed('during', DuringDocument)],
  ['event', 'Each line of `events --json`', printed('event', LoggedEvent)],
  ['error', 'What a command with --json prints on standard error when it fails', printed('error', ErrorDocument)],
])('assets/%s.schema.json', async (name, title, model) => {
  const schema = {
    $id: `urn:reuseport-inspector:${name}:1`,
    title,
    ...z.toJSONSchema(model, { io: 'input', target: 'draft-2020-12' }),
  }
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`../../../assets/${name}.schema.json`)
})
