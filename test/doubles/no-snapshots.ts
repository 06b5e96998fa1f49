/** The snapshot procedures of an engine that stores none. */
import { implement } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'

const problem = { asked: 'a stored snapshot', happened: 'this double stores none', remedy: null }

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
    forget: os.forget.handler(() => null),
    open: os.open.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    compare: os.compare.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    download: os.download.handler(({ errors }) => {
      throw errors.UNPROCESSABLE_CONTENT({ data: problem })
    }),
    piece: os.piece.handler(({ errors }) => {
      throw errors.NOT_FOUND({ data: problem })
    }),
  }
}
