/** Every procedure of the contract, with the schema of its input and the function of a client that calls it. */
import type { AnySchema } from '@orpc/contract'
import type { z } from 'zod'

export type Call = (input: unknown, options: { signal: AbortSignal }) => Promise<unknown>
export type Procedure = { readonly path: string; readonly input: z.ZodType | null; readonly call: Call }

/** Those of a part of the contract; `client`: the same part of a client. */
export function* procedures(part: object, client: unknown, path: readonly string[] = []): Generator<Procedure> {
  const definition = (part as { '~orpc'?: { inputSchema?: AnySchema } })['~orpc']
  if (definition !== undefined) {
    const input = (definition.inputSchema as unknown as z.ZodType | undefined) ?? null
    yield { path: path.join('.'), input, call: client as Call }
    return
  }
  for (const [key, inner] of Object.entries(part)) {
    yield* procedures(inner, (client as Record<string, unknown>)[key], [...path, key])
  }
}
