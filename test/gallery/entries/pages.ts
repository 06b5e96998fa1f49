/** Settings and permissions. */
import type { PermissionCheck } from '../../../electron/contract/live.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { exampleMachine } from '../../doubles/machine.ts'
import { type Entry, screen } from '../entry.tsx'

const settings = { screen: 'settings' } as const
const permissions = { screen: 'permissions' } as const

const CHECKS: PermissionCheck[] = [
  { id: 'sockets', subject: 'Sockets', state: 'yes', detail: 'Every socket of this namespace is listed.', hint: null },
  {
    id: 'owners',
    subject: 'Owners',
    state: 'partial',
    detail: '2 of 183 processes refuse.',
    hint: 'Run the engine as root, or give it `CAP_SYS_PTRACE`.',
  },
  { id: 'namespaces', subject: 'Namespaces', state: 'no', detail: 'Entering needs `CAP_SYS_ADMIN`.', hint: null },
  { id: 'programs', subject: 'BPF programs', state: 'unknown', detail: 'The kernel did not answer.', hint: null },
]

export const pages: readonly Entry[] = [
  screen('settings/ordinary', 'The engine remembers', () => ({ route: settings, engine: exampleMachine() })),
  screen('settings/loading', 'has not answered yet', () => {
    const engine = exampleMachine()
    engine.stopAnswering()
    return { route: settings, engine }
  }),
  screen('settings/not stored', 'the disk is full', () => {
    const engine = exampleMachine()
    engine.diskFull = true
    return {
      route: settings,
      engine,
      loaded: 'The engine remembers',
      act: ({ store }) => void store.changeSettings({ unsharedSockets: true }),
    }
  }),
  screen('settings/stale', 'has not answered since', () => ({
    route: settings,
    engine: exampleMachine(),
    loaded: 'The engine remembers',
    act: (_, engine) => engine.cut(),
  })),
  screen('permissions/ordinary', 'Entering needs', () => {
    const engine = exampleMachine()
    engine.checks = CHECKS
    return { route: permissions, engine }
  }),
  screen('permissions/unreachable', 'The engine cannot be reached', () => ({
    route: permissions,
    engine: exampleMachine(),
    act: (_, engine) => engine.cut(),
  })),
  screen('permissions/error', 'Could not check permissions', () => {
    const engine = exampleMachine()
    engine.checksRefusal = { operation: 'check permissions', cause: '/proc is not mounted', hint: 'Mount it.' }
    return { route: permissions, engine }
  }),
  screen('permissions/hostile', '<script>window.ran=1</script>', () => {
    const engine = exampleMachine()
    engine.checks = hostileNames.map((name, at) => ({
      id: String(at),
      subject: name,
      state: 'no',
      detail: name,
      hint: name,
    }))
    return { route: permissions, engine }
  }),
]
