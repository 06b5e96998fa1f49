/** The context of a terminal command, made of doubles. */
import type { Context } from '../../electron/fronts/cli/context.ts'
import { usageError } from '../../electron/fronts/cli/failure.ts'
import { recordedTerminal } from './recorded-terminal.ts'
import { scriptedEngine } from './scripted-engine.ts'

/** `now` is `aSnapshot()`, standard input is empty, and nothing interrupts; `given` overrides this. */
export function aContext(given: Partial<Context> = {}): Context {
  return {
    terminal: recordedTerminal(),
    core: async () => scriptedEngine().core,
    connect: async () => scriptedEngine().client,
    shortfalls: async () => [],
    readFrom: async () => {},
    async *input() {},
    interruption: () => new AbortController().signal,
    openScreen: () => {
      throw usageError('no screen here')
    },
    ...given,
  }
}
