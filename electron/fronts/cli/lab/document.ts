/** The document that `lab listen` and `lab traffic` print. */
import type { Lab } from '../../../contract/lab.ts'
import { documentOf } from '../json.ts'

/** The Lab as a script reads it: the fields it needs most come first. */
export function labDocument({ id, address, port, pids, ...rest }: Lab) {
  return documentOf('lab', { id, address, port, pids, cookies: rest.members.map(({ cookie }) => cookie), ...rest })
}
