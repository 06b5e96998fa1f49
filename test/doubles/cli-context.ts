/** The context of a terminal command, made of doubles. */
import type { Context } from '../../electron/fronts/cli/context.ts'
import { badUsage } from '../../electron/fronts/cli/failure.ts'
import { recordedTerminal } from './recorded-terminal.ts'
import { scriptedEngine } from './scripted-engine.ts'

/** `now` is `aSnapshot()`, standard input is empty, and nothing interrupts; `given` overrides this. */
export function aContext(given: Partial<Context> = {}): Context {
  return {
    terminal: recordedTerminal(),
    observe: async () => scriptedEngine().observation,
    connect: async () => scriptedEngine().client,
    lacks: async () => [],
    async *input() {},
    interruption: () => new AbortController().signal,
    openScreen: () => {
      throw badUsage('no screen here')
    },
    ...given,
  }
}
