/** Redaction as set by command-line options. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Redaction } from '../../contract/model.ts'
import { MIN_KEY_BYTES, redacted, type SnapshotParts, toFileError } from '../../engine/snapshots/index.ts'
import { Failure, usageError } from './failure.ts'

export type RedactionOptions = { readonly redact?: Redaction[]; readonly redactKeyFile?: string }

/** The redacting function; the identity without --redact. Without a key file the key is random and not kept. */
export async function redactedBy(options: RedactionOptions): Promise<(parts: SnapshotParts) => SnapshotParts> {
  const what = options.redact
  if (what === undefined) {
    if (options.redactKeyFile !== undefined) throw usageError('--redact-key-file needs --redact.')
    return (parts) => parts
  }
  const key = options.redactKeyFile === undefined ? randomBytes(32) : await readKey(options.redactKeyFile)
  return (parts) => redacted(parts, what, key)
}

async function readKey(path: string): Promise<Uint8Array> {
  const key = await readFile(path).catch((error: unknown) => {
    throw toFileError(`to read the key in ${path}`, error)
  })
  if (key.byteLength < MIN_KEY_BYTES || key.byteLength > 4096) {
    throw new Failure(
      `The key in ${path} has ${key.byteLength} bytes; it must have ${MIN_KEY_BYTES} to 4096. \`head -c 32 /dev/urandom > ${path}\` creates one.`,
    )
  }
  return key
}
