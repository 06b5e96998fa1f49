/** Validates a page's messages before the contract's transport parses them, because the transport trusts its peer. */

/** Largest accepted message, in characters. No request of the contract comes near it. */
export const MAX_MESSAGE = 1 << 20

/**
 * True for a message that the contract's transport could have sent: a JSON object with an id. Checked before further
 * parsing.
 */
export function isRequestMessage(text: string): boolean {
  try {
    const message: unknown = JSON.parse(text)
    if (typeof message !== 'object' || message === null || !('i' in message)) return false
    if (typeof message.i !== 'string' && typeof message.i !== 'number') return false
    return isRequestPayload('t' in message ? message.t : undefined, 'p' in message ? message.p : undefined)
  } catch {
    return false
  }
}

/**
 * Without a type it is a request, with a path; 3 is an event of a stream, 4 the end of a request
 * (@orpc/standard-server-peer). Our pages send no headers, which could make the transport read the body as a form or
 * file.
 */
function isRequestPayload(type: unknown, payload: unknown): boolean {
  if (type === 4) return true
  const isObject = typeof payload === 'object' && payload !== null
  if (type === 3) return isObject
  return (
    type === undefined &&
    isObject &&
    'u' in payload &&
    typeof payload.u === 'string' &&
    payload.u.startsWith('/') &&
    !('h' in payload)
  )
}
