/** Transfers files between this page and its engine, in chunks that fit into a message. */
import { MAX_CHUNK_CHARACTERS } from '../../../electron/contract/constants.ts'

const CHUNK_BYTES = Math.floor(MAX_CHUNK_CHARACTERS / 4) * 3

/** The chunks of a file, at least one. `done` from 0 to 1. */
export async function* chunksOf(file: Blob): AsyncGenerator<{ bytes: Uint8Array; last: boolean; done: number }> {
  for (let at = 0; ; at += CHUNK_BYTES) {
    const end = Math.min(at + CHUNK_BYTES, file.size)
    const bytes = new Uint8Array(await file.slice(at, end).arrayBuffer())
    const last = end >= file.size
    yield { bytes, last, done: file.size === 0 ? 1 : end / file.size }
    if (last) return
  }
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  // One call takes only a limited number of arguments.
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768))
  return btoa(text)
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Downloads a file through the browser, from its parts in base64. */
export function saveToDisk(parts: readonly string[], name: string, type: string): void {
  save(new Blob(parts.map(fromBase64), { type }), name)
}

/** The same, from its text. */
export function saveText(text: string, name: string, type: string): void {
  save(new Blob([text], { type }), name)
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
