/** What there is to say of the connections that wait in a group's accept queues. */
import type { Waiting } from './analysis.ts'
import { formatSpan, pluralize } from './format.ts'

/** In a few sentences. `queues`: of how many members. */
export function waitingText({ connections, abandoned, oldestMs }: Waiting, queues: number): string {
  const oldest = oldestMs === null ? '' : `, the oldest for ${formatSpan(oldestMs)}`
  return [
    `${pluralize(connections, 'connection')} not accepted yet${oldest}.`,
    ...(abandoned > 0 ? [`${pluralize(abandoned, 'client')} ${abandoned === 1 ? 'has' : 'have'} closed already.`] : []),
    ...(queues > 1 ? ["In which member's queue each of them is, the kernel does not tell."] : []),
  ].join(' ')
}
