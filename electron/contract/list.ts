/** Arrays whose validation stops at the first invalid element. */
import { z } from 'zod'

type ListDefinition = z.core.$ZodArrayDef & { type: 'array' }

/**
 * Like `z.array`, which collects an issue for every invalid element: gigabytes for ten million of them. Implemented as
 * Zod's own types are (Zod 4, "For library authors", `$constructor`).
 */
const List = z.core.$constructor('List', (list: z.ZodArray, definition: ListDefinition) => {
  z.ZodArray.init(list, definition)
  list._zod.parse = (payload, context) => {
    const input = payload.value
    if (!Array.isArray(input)) {
      payload.issues.push({ expected: 'array', code: 'invalid_type', input, inst: list })
      return payload
    }
    const output: unknown[] = new Array(input.length)
    payload.value = output
    for (let at = 0; at < input.length; at++) {
      const result = definition.element._zod.run({ value: input[at], issues: [] }, context)
      // The contract has no asynchronous checks.
      if (result instanceof Promise) throw new z.core.$ZodAsyncError()
      if (result.issues.length > 0) {
        payload.issues.push(...z.core.util.prefixIssues(at, result.issues))
        return payload
      }
      output[at] = result.value
    }
    return payload
  }
})

/** An array of `element`, validated up to the first invalid one. */
export function list<T extends z.ZodType>(element: T): z.ZodArray<T> {
  return new List({ type: 'array', element }) as unknown as z.ZodArray<T>
}
