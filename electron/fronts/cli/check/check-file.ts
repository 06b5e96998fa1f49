/** A file of checks: YAML, checked against the published schema (assets/checks.schema.json). */
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { SHARINGS } from '../../../contract/values.ts'
import { usageError } from '../failure.ts'
import { parseGroupReference } from '../group-reference.ts'
import { durationParser } from '../option-values.ts'
import type { Check } from './check-run.ts'
import { parseMemberRange, parseRatio, parseShare } from './check-values.ts'

/** A number, or text in the form of the option of the same name. */
const Quantity = z.union([z.number(), z.string()])

const CheckEntry = z.strictObject({
  /** In reports; the target where it is omitted. */
  name: z.string().min(1).max(100).optional(),
  target: z.string().min(1).max(200).describe('A group id, a prefix of one, or an endpoint such as :443.'),
  netns: z.string().min(1).max(200).optional().describe('A network namespace, by name or inode.'),
  members: Quantity.optional().describe(
    'Members that receive: 8, "4..8", "4.." or "..8"; 0 or "0..8": there may be none.',
  ),
  sharing: z.enum(SHARINGS).optional(),
  oneGroup: z.boolean().optional().describe('Exactly one group matches.'),
  sameUnit: z.boolean().optional().describe('Processes of one systemd unit or container hold all members.'),
  owner: z.string().min(1).max(200).optional().describe('Only processes of this command hold members.'),
  maxImbalance: Quantity.optional().describe('The longest queue divided by the mean, at most.'),
  maxQueue: Quantity.optional().describe('The fullest queue, at most: "50%" or 0.5.'),
  noDrops: z.boolean().optional().describe('No drops while it is watched.'),
  for: Quantity.optional().describe('Everything must hold for this long: "10s", or a number of seconds.'),
  wait: Quantity.optional().describe('Wait at most this long until everything holds.'),
})

export const CheckFile = z.strictObject({
  checks: z.array(CheckEntry).min(1, 'a file needs at least one check').max(1000, 'at most 1000 checks'),
})

/** The checks of a file with this name. Throws a usage error that names the line of what is wrong. */
export function parseCheckFile(file: string, text: string): Check[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    throw usageError(
      `${file}:${lines.linePos(broken.pos[0]).line} is not YAML: ${broken.message.split(/ at line|\n/)[0]}.`,
    )
  }
  const where = (path: readonly PropertyKey[]) => {
    // The nearest value there is: what is missing has no line.
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
        return `${file}:${lines.linePos(node.range[0]).line}`
    }
    return file
  }
  const parsed = CheckFile.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw usageError(`${where(issue?.path ?? [])}: ${pathText(issue?.path ?? [])}${issue?.message ?? 'is not valid'}.`)
  }
  return parsed.data.checks.map((entry, at) => {
    const parse = <T>(field: keyof typeof entry, parser: (text: string) => T): T | undefined => {
      const value = entry[field]
      if (value === undefined) return undefined
      try {
        return parser(String(value))
      } catch (error) {
        throw usageError(`${where(['checks', at, field])}: ${field}: ${error instanceof Error ? error.message : error}`)
      }
    }
    const { name, target, netns, sharing, oneGroup, sameUnit, owner, noDrops } = entry
    const time = durationParser('0s', '1h')
    return {
      name: name ?? target,
      target,
      reference: parse('target', parseGroupReference) ?? parseGroupReference(target),
      netns,
      expectation: {
        members: parse('members', parseMemberRange),
        sharing,
        oneGroup,
        sameUnit,
        owner,
        maxImbalance: parse('maxImbalance', parseRatio),
        maxQueue: parse('maxQueue', parseShare),
        noDrops,
      },
      holdMs: parse('for', time) ?? 0,
      waitMs: parse('wait', time) ?? 0,
    }
  })
}

/** "checks[0].members: ". */
function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`))
    .join('')
  return text === '' ? '' : `${text}: `
}
