/** Stand-ins for the BPF reader's program. */
import type { StartBpfProgram } from '../../electron/engine/collect/bpf-reader.ts'

/** Answers each request with the next of these, and then with the last one. */
export function answering(...answers: object[]): StartBpfProgram {
  return () => {
    const left = [...answers]
    return {
      ask: async () => ({ line: JSON.stringify(left.length > 1 ? left.shift() : left[0]) }),
      end() {},
    }
  }
}

/** Ends at the first request. */
export function ending(how: { errorText?: string; status?: number; signal?: number }): StartBpfProgram {
  return () => ({
    ask: async () => ({ line: null, errorText: '', status: null, signal: null, ...how }),
    end() {},
  })
}

export const notInstalled: StartBpfProgram = () => {
  throw Object.assign(new Error('no such file'), {
    operation: 'start /nonexistent/reuseport-bpf',
    errno: 2,
    code: 'ENOENT',
  })
}
