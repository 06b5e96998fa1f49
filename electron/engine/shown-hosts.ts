/** The engines of other hosts that pages here show: the settings that concern an engine are theirs too. */
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../contract/contract.ts'
import type { Settings } from '../contract/settings.ts'
import type { SettingsStore } from './settings/settings-store.ts'

type Client = ContractRouterClient<Contract>

export class ShownHosts {
  readonly #clients = new Set<Client>()

  /** Settings that are passed on to every shown host as soon as they are changed, even where they cannot be stored. */
  passingOn(settings: SettingsStore): SettingsStore {
    return {
      read: () => settings.read(),
      write: (changed) => {
        // A host that is lost meanwhile gets them when it is shown again.
        for (const client of this.#clients) client.settings.set(ofEngine(changed)).catch(() => undefined)
        settings.write(changed)
      },
    }
  }

  /** Rejects where the host does not answer. */
  async add(client: Client, settings: Settings): Promise<void> {
    await client.settings.set(ofEngine(settings))
    this.#clients.add(client)
  }

  remove(client: Client): void {
    this.#clients.delete(client)
  }
}

function ofEngine({ intervalMs, mutedFindings }: Settings): Pick<Settings, 'intervalMs' | 'mutedFindings'> {
  return { intervalMs, mutedFindings }
}
