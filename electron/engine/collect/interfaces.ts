/**
 * Names and addresses of network interfaces, only for namespaces that need them: most sockets are bound to none. The
 * kernel's link and address events are queued in the addon until the next update, so they wake up nothing.
 */
import { isNativeError, type NetworkInterface, type Reader } from '../../../native/index.ts'
import { addressText } from '../common/addresses.ts'

export type Interface = { index: number; name: string; addresses: string[] }

export class Interfaces {
  readonly #reader: Pick<Reader, 'readInterfaces'>
  readonly #changed: () => void
  /** By index; null before the first read. */
  readonly #byNamespace = new Map<number, ReadonlyMap<number, Interface> | null>()
  #turn: Promise<void> = Promise.resolve()

  /** `changed` is called when an interface is added, removed or renamed. */
  constructor(reader: Pick<Reader, 'readInterfaces'>, changed: () => void) {
    this.#reader = reader
    this.#changed = changed
  }

  /**
   * Updates these open namespaces, and all that were requested before. Where rtnetlink is refused, interfaces remain
   * numbers.
   */
  update(namespaces: Iterable<number>): Promise<void> {
    for (const netns of namespaces) if (!this.#byNamespace.has(netns)) this.#byNamespace.set(netns, null)
    // One after another: the addon reports a change only to the first caller.
    const updated = this.#turn.then(async () => {
      await Promise.all([...this.#byNamespace.keys()].map((netns) => this.#update(netns)))
    })
    this.#turn = updated.catch(() => undefined)
    return updated
  }

  forget(netns: number): void {
    this.#byNamespace.delete(netns)
  }

  name(netns: number, index: number): string | null {
    return this.#byNamespace.get(netns)?.get(index)?.name ?? null
  }

  list(netns: number): Interface[] {
    return [...(this.#byNamespace.get(netns)?.values() ?? [])]
  }

  async #update(netns: number): Promise<void> {
    const read = await this.#read(netns)
    const before = this.#byNamespace.get(netns)
    if (read === null || before === undefined) return
    const now = new Map(read.map((found) => [found.index, described(found)]))
    this.#byNamespace.set(netns, now)
    if (before !== null && namesOf(before) !== namesOf(now)) this.#changed()
  }

  async #read(netns: number): Promise<readonly NetworkInterface[] | null> {
    try {
      return await this.#reader.readInterfaces(netns)
    } catch (error) {
      if (!isNativeError(error)) throw error
      return []
    }
  }
}

function described({ index, name, addresses }: NetworkInterface): Interface {
  return {
    index,
    name,
    addresses: addresses.map(({ family, bytes }) => addressText(bytes, family === 6 ? 'ipv6' : 'ipv4')),
  }
}

function namesOf(interfaces: ReadonlyMap<number, Interface>): string {
  return [...interfaces.values()].map(({ index, name }) => `${index} ${name}`).join()
}
