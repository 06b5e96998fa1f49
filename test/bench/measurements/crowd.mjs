/** One namespace with all the sockets, and a probe in it, for the measurements that need them. */
import { makeListeners, makeNamespace, startProbe } from '../machine.mjs'

export const MEMBERS = 100
export const FIRST_PORT = 10_000

let crowd = null

export async function crowded({ sockets }) {
  if (!crowd) {
    const namespace = makeNamespace()
    await makeListeners(namespace, Math.ceil(sockets / MEMBERS), MEMBERS)
    crowd = { namespace, probe: startProbe(namespace) }
  }
  return crowd
}
