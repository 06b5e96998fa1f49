/** What the engine remembers: queues and losses, events, and how groups grew and shrank. */
import { EventLog } from './events/event-log.ts'
import { MembershipLog } from './events/membership-log.ts'
import { History } from './history/history.ts'

export class Memory {
  readonly history = new History()
  readonly log = new EventLog()
  readonly membership = new MembershipLog()
}
