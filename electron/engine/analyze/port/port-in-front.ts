/** What acts on the packets to a port before the socket lookup sees them, at each address of a namespace. */
import type { EarlierStep } from '../../../contract/analysis.ts'
import type { Family } from '../../../contract/model.ts'
import type { PortInFront } from '../../../contract/port.ts'
import type { Collector } from '../../collect/collector.ts'
import { addressText } from '../../common/addresses.ts'
import { LOOPBACK } from '../arrival.ts'
import { stepsBefore } from '../before-lookup.ts'
import { localAddresses, type ReachPlace } from './port-reach.ts'

/** The worst first. */
const ORDER: readonly EarlierStep['state'][] = ['redirects', 'possible', 'not-allowed', 'failed']

type Kernel = Parameters<typeof stepsBefore>[0]

/**
 * The steps that act on clients from anywhere of the interfaces' addresses, or may, and those that could not be checked.
 * `only`: of this address. Rejects with the kernel's error.
 */
export async function portInFront(
  collector: Collector,
  { netns, protocol, port }: ReachPlace,
  only: { readonly family: Family; readonly bytes: Uint8Array } | null,
): Promise<PortInFront[]> {
  const kernel = asked(collector.reader)
  const found = new Map<string, Omit<PortInFront, 'addresses'> & { readonly addresses: string[] }>()
  for (const { family, bytes, index, interface: name, arrives } of await localAddresses(collector, netns, [], only)) {
    if (bytes === null || !arrives) continue
    const steps = await stepsBefore(
      kernel,
      { netns, interface: index, interfaceName: name },
      {
        protocol,
        family,
        local: bytes,
        remote: null,
        localPort: port,
        remotePort: null,
        fromHere: index === LOOPBACK,
        interface: name,
      },
    )
    for (const step of steps.filter(({ state }) => ORDER.includes(state))) {
      const key = `${family} ${step.kind} ${step.state} ${step.detail}`
      const known = found.get(key)
      if (known === undefined)
        found.set(key, { ...step, netns, protocol, family, addresses: [addressText(bytes, family)] })
      else known.addresses.push(addressText(bytes, family))
    }
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
}

/** The same answers for every address: each question is asked once. */
function asked(reader: Kernel): Kernel {
  const answers = new Map<string, ReturnType<Kernel['query']>>()
  let programs: ReturnType<Kernel['findLookupPrograms']> | undefined
  return {
    query(question) {
      const key = `${question.netns} ${question.family} ${Buffer.from(question.request).toString('latin1')}`
      const answer = answers.get(key) ?? reader.query(question)
      answers.set(key, answer)
      return answer
    },
    findLookupPrograms() {
      programs ??= reader.findLookupPrograms()
      return programs
    },
    within: (netns, action) => reader.within(netns, action),
  }
}
