/** The commands that `lab listen` reads on standard input. */
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { LabId } from '../../../contract/lab.ts'
import type { Client } from '../context.ts'
import { usageError } from '../failure.ts'

/** `member` is its number, from 1. */
export type LabCommand =
  | { readonly action: 'stall' | 'resume' | 'close'; readonly member: number }
  | { readonly action: 'add' }

/** "stall 2", "add". Throws a usage error for anything else. */
export function parseLabCommand(text: string): LabCommand {
  const words = text.trim().split(/\s+/)
  const [action, member] = words
  if (action === 'add' && words.length === 1) return { action }
  if (
    (action === 'stall' || action === 'resume' || action === 'close') &&
    words.length === 2 &&
    /^[1-9]\d{0,3}$/.test(member ?? '')
  ) {
    return { action, member: Number(member) }
  }
  throw usageError(
    `'${text.trim()}' is not a command. Type stall N, resume N, close N or add; members are numbered from 1.`,
  )
}

/** Runs it and returns the changed lab. Rejects as the engine does. */
export function runLabCommand(client: Client, id: LabId, command: LabCommand) {
  if (command.action === 'add') return client.lab.add({ id })
  return client.lab.member({ id, member: command.member - 1, action: command.action })
}

/** The lines of a stream, without line breaks. A read error (the terminal was closed) ends it. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const bytes of input) {
      rest += decoder.decode(bytes, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch {
    return
  }
  if (rest !== '') yield rest
}

/** False for a background job: reading from its terminal would stop it (SIGTTIN, termios(3)). */
export function canReadInput(): boolean {
  if (!isatty(0)) return true
  // Fields after the command: state ppid pgrp session tty_nr tpgid (proc(5), /proc/PID/stat).
  const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return group === foreground
}
