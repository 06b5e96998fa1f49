import { expect, test } from 'vitest'
import { isRequestMessage } from '../../../electron/host/request-message.ts'

test('a frame is a request, an event or an end, and nothing else', () => {
  for (const frame of ['{"i":"1","p":{"u":"/a"}}', '{"i":1,"t":4}', '{"i":"1","t":3,"p":{}}']) {
    expect(isRequestMessage(frame)).toBe(true)
  }
  for (const frame of [
    '',
    'x',
    'null',
    '[]',
    '1',
    '{}',
    '{"i":"1"}',
    '{"i":{},"p":{"u":"/a"}}',
    '{"i":"1","p":{"u":"http://evil/"}}',
    '{"i":"1","p":{"u":1}}',
    '{"i":"1","t":2,"p":{}}',
    '{"i":"1","t":3}',
    '{"i":"1","p":{"u":"/a","h":{"content-type":"multipart/form-data"}}}',
    '{"i":"1","p":{"u":"/a","h":{"content-disposition":"attachment"}}}',
    '{"i":"1","p":{"u":"/a","h":{"content-type":[1]}}}',
  ]) {
    expect(isRequestMessage(frame)).toBe(false)
  }
})
