/** The published schema is generated here: `npm run schema` writes it, and this test keeps it equal to the model. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Snapshot } from '../../../electron/contract/model.ts'

test('assets/snapshot.schema.json matches the model', async () => {
  const schema = {
    $id: 'urn:reuseport-inspector:snapshot:1',
    title: 'A snapshot of Reuseport Inspector',
    ...z.toJSONSchema(Snapshot, { io: 'input', target: 'draft-2020-12' }),
  }
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../../assets/snapshot.schema.json')
})
