/** `completion SHELL`: a completion script for a shell. */
import type { Command } from 'commander'
import { completionScript, describe, type Shell } from '../completion.ts'
import type { Context } from '../context.ts'

/** Prints the script. */
export async function completion(shell: Shell, program: Command, { terminal }: Context): Promise<void> {
  await terminal.write(completionScript(shell, describe(program)))
}
