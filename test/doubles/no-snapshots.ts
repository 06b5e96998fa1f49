/** The snapshot procedures of an engine that stores none. */
import { implement } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'

const problem = { operation: 'a stored snapshot', cause: 'this double stores none', hint: null }

export function noSnapshots() {
  const os = implement(contract).snapshots
  return {
    list: os.list.handler(() => []),
    save: os.save.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    record: os.record.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    recording: os.recording.handler(() => null),
    stopRecording: os.stopRecording.handler(() => null),
    timeline: os.timeline.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    events: os.events.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    delete: os.delete.handler(() => null),
    open: os.open.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    compare: os.compare.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    download: os.download.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    chunk: os.chunk.handler(({ errors }) => {
      throw errors.NOT_FOUND({ data: problem })
    }),
  }
}
