/** Other hosts: the list of them, the dialog in its states, and what a lost host looks like. */
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { HostConnection, HostQuestion, KnownHost } from '../../../electron/contract/hosts.ts'
import type { Page } from '../../../renderer/app/page.tsx'
import { createPageStore } from '../../../renderer/model/store/store.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { aboutHost, aConnection, CONNECTED, hostsClient, LOST, REFUSED } from '../../doubles/hosts.ts'
import { exampleMachine } from '../../doubles/machine.ts'
import { type Entry, screen } from '../entry.tsx'
import { inPageEngine } from '../in-page-engine.ts'

const known = (name: string, given: Partial<KnownHost> = {}): KnownHost => ({
  name,
  via: null,
  origin: 'ssh-config',
  detail: null,
  lastConnectedAt: null,
  ...given,
})

const KNOWN = [
  known(ROOT_HERE, { via: 'sudo', origin: 'root' }),
  known('web-canary', { via: 'docker exec -i web sh', origin: 'added' }),
  known('lb-3', { origin: 'recent', lastConnectedAt: '2026-01-01T00:00:00.000Z' }),
  known('web-11', { detail: '10.20.1.11, deploy' }),
  known('web-13', { detail: '10.20.1.13, deploy, through jump-1' }),
  known('docker:shop', { via: 'docker exec -i shop sh', origin: 'container', detail: 'nginx:1.27' }),
]

/** What a page knows of its hosts. The connected ones have a store each, of the example machine. */
function offer(
  { hosts }: Page,
  end: AbortSignal,
  connections: readonly HostConnection[],
  hostsKnown: readonly KnownHost[] = KNOWN,
): void {
  const connected = connections.filter(({ about }) => about !== null)
  const stores = new Map(
    connected.map(({ name }) => {
      const store = createPageStore()
      end.addEventListener('abort', store.start(inPageEngine(exampleMachine())))
      return [name, store]
    }),
  )
  hosts.state.setState({ client: hostsClient(hostsKnown), connections, stores })
}

const groups = { route: { screen: 'groups' } as const, loaded: 'One group is in trouble.' }

const dialog = (name: string, shows: string, connection: HostConnection | null): Entry =>
  screen(name, shows, () => ({
    ...groups,
    engine: exampleMachine(),
    act: (page, _, end) => {
      offer(page, end, connection === null ? [] : [connection])
      page.hosts.choose(connection?.name ?? null)
      page.dialogs.setState({ open: 'connect' })
    },
  }))

const asking = (kind: HostQuestion['kind'], text: string) =>
  aConnection('web-11', {
    phase: 'connecting',
    steps: [{ name: 'sign-in', durationMs: null, detail: null, sent: null }],
    question: { id: '1', kind, text, askedAt: '2026-01-01T00:00:00.000Z' },
  })

const TRUST = `The authenticity of host 'web-11 (10.20.1.11)' can't be established.
ED25519 key fingerprint is SHA256:q3Yd1Wc0mVt8nH2rJk5oXzPb7uLfE9sAiG4TxQvM6Ck.
Are you sure you want to continue connecting (yes/no/[fingerprint])? `

export const hosts: readonly Entry[] = [
  screen('hosts/ordinary', '2 of 4 hosts are in trouble, and 2 cannot be seen.', () => ({
    route: { screen: 'hosts' },
    engine: exampleMachine(),
    act: (page, _, end) =>
      offer(page, end, [
        aConnection('web-11', CONNECTED, { about: aboutHost('web-11') }),
        aConnection('lb-3', LOST),
        aConnection('mail-1', REFUSED),
      ]),
  })),
  screen('hosts/hostile', '<script>window.ran=1</script>', () => ({
    route: { screen: 'hosts' },
    engine: exampleMachine(),
    act: (page, _, end) =>
      offer(
        page,
        end,
        [...new Set(hostileNames)]
          .filter((name) => name.trim() !== '')
          .map((name) => aConnection(name, REFUSED, { via: name })),
      ),
  })),
  screen('hosts/not offered', 'Other hosts are not offered here', () => ({
    route: { screen: 'hosts' },
    engine: exampleMachine(),
  })),
  screen('hosts/menu', 'Connect to a host…', () => ({
    ...groups,
    engine: exampleMachine(),
    act: (page, _, end) => {
      offer(page, end, [aConnection('web-11', CONNECTED, { about: aboutHost('web-11') }), aConnection('lb-3', LOST)])
      setTimeout(() => document.querySelector<HTMLElement>('header button[aria-haspopup]')?.click())
    },
  })),
  screen('hosts/lost', 'Connection to web-11 lost at', () => ({
    ...groups,
    engine: exampleMachine(),
    act: (page, _, end) => {
      offer(page, end, [aConnection('web-11', LOST, { about: aboutHost('web-11') })])
      page.hosts.show('web-11')
    },
  })),
  dialog('hosts/choose', 'From your ssh configuration', null),
  dialog(
    'hosts/connecting',
    'Sending the engine',
    aConnection('web-11', {
      phase: 'connecting',
      steps: [
        { name: 'sign-in', durationMs: 400, detail: null, sent: null },
        { name: 'system', durationMs: 100, detail: 'Linux 6.1.112, x86_64', sent: null },
        { name: 'send', durationMs: null, detail: null, sent: { bytes: 79_000_000, of: 118_000_000 } },
      ],
      question: null,
    }),
  ),
  dialog('hosts/trust', 'Trust and continue', asking('trust', TRUST)),
  dialog('hosts/password', 'Answer', asking('secret', "deploy@web-11's password: ")),
  dialog('hosts/hostile question', '\\x1b[2J', asking('secret', '\u001b[2J<script>window.ran=1</script>\u202e')),
  dialog('hosts/root', 'sudo starts an engine', {
    ...aConnection(ROOT_HERE, { phase: 'connecting', steps: [], question: null }),
    via: 'sudo',
  }),
  dialog('hosts/touch', 'Nothing to type', asking('notice', 'Confirm user presence for key ED25519-SK')),
  dialog('hosts/connected', 'ages use its own', aConnection('web-11', CONNECTED, { about: aboutHost('web-11') })),
  dialog('hosts/failed', 'Permission denied', aConnection('mail-1', REFUSED)),
]
