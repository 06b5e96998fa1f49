import { expect, test } from 'vitest'
import { fields, Rows } from '../../../../electron/engine/collect/frame-rows.ts'
import { layout } from '../../../../native/layout.generated.ts'

test('the compiler refuses a field that does not exist, or has another width', () => {
  const { stride } = layout.rows.socket
  const bytes = new ArrayBuffer(2 * stride)
  new DataView(bytes).setBigUint64(stride + fields.socket.cookie.offset, 2n ** 52n + 7n, true)
  const rows = new Rows('socket', bytes, 2)
  expect(rows.u64(1, fields.socket.cookie)).toBe(2n ** 52n + 7n)
  expect(rows.u64Number(1, fields.socket.cookie)).toBe(2 ** 52 + 7)
  // @ts-expect-error: SocketRow has no such field
  expect(fields.socket.nothing).toBeUndefined()
  // @ts-expect-error: it has 64 bits
  rows.u16(1, fields.socket.cookie)
})
