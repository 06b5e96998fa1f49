/** A terminal that records its output. */
import type { DocumentFormat, Terminal } from '../../electron/fronts/cli/terminal.ts'

export type RecordedTerminal = Terminal & { readonly out: () => string; readonly messages: () => string }

export function recordedTerminal(given: Partial<Terminal> = {}): RecordedTerminal {
  let out = ''
  let messages = ''
  let documents: DocumentFormat = 'json'
  return {
    interactive: false,
    width: Number.POSITIVE_INFINITY,
    color: false,
    chooseColor: () => {},
    get documents() {
      return documents
    },
    chooseDocuments(format) {
      documents = format
    },
    unicode: true,
    write: async (text) => {
      out += text
    },
    writeError: (text) => {
      messages += text
    },
    ...given,
    out: () => out,
    messages: () => messages,
  }
}
