/** What a sample of clients is of, in words: the same in the terminal and on the page. */
import type { RecentFlows } from './flows.ts'
import { formatCount, pluralize } from './format.ts'
import type { Protocol } from './model.ts'

/** "40 of 1,200 connections given since 14:40:02; 1,160 were left out: …". `clock` formats a time. */
export function describeSample(
  { since, given, sampled, flows }: RecentFlows,
  protocol: Protocol,
  clock: (at: number) => string,
): string {
  const unit = protocol === 'tcp' ? 'connection' : 'datagram'
  const from = `since ${clock(Date.parse(since))}`
  if (given === 0) return `No ${unit} was given to a member ${from}.`
  const more = flows.length === 100 ? ' The latest 100 clients:' : ''
  if (sampled >= given) return `Each of ${pluralize(given, unit)} given ${from}.${more}`
  const left = given - sampled
  const others =
    protocol === 'tcp' ? 'none that moved from another listener' : 'not every one of a queue that is read at once'
  return `${formatCount(sampled)} of ${pluralize(given, unit)} given ${from}; ${formatCount(left)} ${left === 1 ? 'was' : 'were'} left out: at most 32 per second and member are sampled, and ${others}.${more}`
}
