/** The groups table. */
import { EngineDouble } from '../../doubles/engine.ts'
import { groupRow, manyGroupRows, withQueue } from '../../doubles/group-rows.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { exampleMachine, machineRows } from '../../doubles/machine.ts'
import { type Entry, press, screen } from '../entry.tsx'
import { recordMinute } from './history.ts'

const route = { screen: 'groups' } as const
const LOADED = 'One group is in trouble.'

export const groups: readonly Entry[] = [
  screen('groups/ordinary', LOADED, () => ({ route, engine: exampleMachine(), before: recordMinute(machineRows()) })),
  screen('groups/new, gone and selected', '3002', () => {
    const engine = exampleMachine()
    return {
      route,
      engine,
      loaded: LOADED,
      act: ({ store }) => {
        // Marks end after a second: the clock stops, so that they stay.
        const now = Date.now()
        Date.now = () => now
        store.view.select(groupRow({ port: 3001 }).id)
        engine.put(groupRow({ port: 3002 }))
        engine.remove(groupRow({ port: 3001 }).id)
      },
    }
  }),
  screen('groups/sections', 'Pinned', () => {
    const engine = exampleMachine()
    const [, , pinned] = engine.rows()
    engine.settings = {
      ...engine.settings,
      groupBy: 'process',
      density: 'comfortable',
      pinnedGroups: pinned === undefined ? [] : [pinned.id],
      savedFilters: [
        { name: 'busy', filter: 'queue:>50%' },
        { name: 'web', filter: 'port:80 port:443' },
      ],
    }
    return { route, engine, before: recordMinute(machineRows()) }
  }),
  screen('groups/row menu', 'Copy ss line', () => ({
    route,
    engine: exampleMachine(),
    loaded: LOADED,
    act: () => {
      const row = document.querySelector('[role="rowgroup"] [role="row"]')
      row?.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: 400, clientY: 200 }))
    },
  })),
  screen('groups/columns', 'Imbalance', () => ({
    route,
    engine: exampleMachine(),
    loaded: LOADED,
    act: () => press('Columns'),
  })),
  screen('groups/saved', 'Saved “22 Nov', () => ({
    route,
    engine: exampleMachine(),
    loaded: LOADED,
    act: ({ store }) =>
      store.notices.show({ text: 'Saved “22 Nov 14:03:52”.', action: { name: 'Compare with now', run: () => {} } }),
  })),
  screen('groups/calm', 'No group is in trouble.', () => {
    const engine = new EngineDouble()
    engine.put(groupRow(), groupRow({ protocol: 'udp', port: 53 }))
    return { route, engine }
  }),
  screen('groups/empty', 'No shared ports', () => {
    const engine = new EngineDouble()
    engine.totals = { sockets: 3, unshared: 3 }
    engine.put()
    return { route, engine }
  }),
  screen('groups/no match', 'do not match', () => ({
    route,
    engine: exampleMachine(),
    loaded: LOADED,
    act: ({ store }) => store.view.setFilter('port:1 '),
  })),
  screen('groups/wrong filter', 'is not a', () => ({
    route,
    engine: exampleMachine(),
    loaded: LOADED,
    act: ({ store }) => store.view.setFilter('port:http '),
  })),
  screen('groups/loading', 'Reading every socket', () => {
    const engine = exampleMachine()
    engine.stopAnswering()
    return { route, engine }
  }),
  screen('groups/unreachable', 'The engine cannot be reached', () => ({
    route,
    engine: exampleMachine(),
    act: (_, engine) => engine.cut(),
  })),
  screen('groups/stale', 'has not answered since', () => ({
    route,
    engine: exampleMachine(),
    loaded: LOADED,
    act: (_, engine) => engine.cut(),
  })),
  screen('groups/refused', 'The kernel denies access', () => {
    const engine = exampleMachine()
    engine.refusal = {
      code: 'FORBIDDEN',
      problem: {
        operation: 'every TCP and UDP socket',
        cause: 'the kernel refused (EPERM)',
        hint: 'Leave the sandbox, or run the engine as root.',
      },
    }
    return { route, engine }
  }),
  screen('groups/error', 'The last refresh failed', () => {
    const engine = exampleMachine()
    engine.refusal = {
      code: 'SERVICE_UNAVAILABLE',
      problem: { operation: 'every TCP and UDP socket', cause: 'no memory is left (ENOMEM)', hint: null },
    }
    return { route, engine }
  }),
  screen('groups/incomplete', 'an answer was cut short', () => {
    const engine = exampleMachine()
    engine.problem = {
      operation: 'all sockets of namespace cni-7c1e02b4',
      cause: 'an answer was cut short (MSG_TRUNC)',
      hint: 'The next refresh tries again.',
    }
    return { route, engine }
  }),
  screen('groups/huge', '10,000', () => {
    const engine = new EngineDouble()
    const [first = groupRow(), ...others] = manyGroupRows(10_000)
    engine.put(withQueue({ ...first, protocol: 'tcp', evidence: 'co-listening' }, 0, 212_000), ...others)
    return { route, engine }
  }),
  screen('groups/hostile', '<script>window.ran=1</script>', () => {
    const engine = new EngineDouble()
    engine.host = { ...engine.host, hostname: '<b>edge-07</b>', kernelRelease: '"><img src=x>' }
    engine.namespaces = hostileNames.map((name, at) => ({ inode: 1000 + at, name, self: false }))
    engine.put(
      ...hostileNames.map((name, at) =>
        groupRow({
          netns: 1000 + at,
          port: 1000 + at,
          user: name,
          interface: name,
          owners: [{ command: name, processes: 2, service: name }],
        }),
      ),
    )
    return { route, engine }
  }),
]
