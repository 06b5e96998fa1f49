/** The labs that are open. */
import type { Lab, ListenRequest, MemberAct, TrafficRequest } from '../../contract/lab.ts'
import { Refusal } from './refusal.ts'

const notBuilt = (asked: string) => new Refusal('NOT_IMPLEMENTED', asked, 'the lab program is not built', null)

export class Labs {
  async list(): Promise<Lab[]> {
    return []
  }
  async listen(_: ListenRequest): Promise<Lab> {
    throw notBuilt('test listeners')
  }
  async add(_: { id: string }): Promise<Lab> {
    throw notBuilt('one more listener')
  }
  async member(_: MemberAct): Promise<Lab> {
    throw notBuilt('a change of a member')
  }
  async stop(_: string): Promise<void> {
    throw notBuilt('to stop it')
  }
  async traffic(_: TrafficRequest): Promise<Lab> {
    throw notBuilt('traffic')
  }
  async stopTraffic(_: string): Promise<Lab> {
    throw notBuilt('to stop the traffic')
  }
  async close(): Promise<void> {}
}
