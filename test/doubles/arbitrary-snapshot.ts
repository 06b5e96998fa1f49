/** Arbitrary snapshots that the model allows, with hostile names among them. */
import fc from 'fast-check'
import { SNAPSHOT_SCHEMA } from '../../electron/contract/constants.ts'
import type { KernelGroup, SteeringProgram } from '../../electron/contract/kernel-group.ts'
import {
  Evidence,
  Family,
  type Finding,
  type Group,
  type Holder,
  type Member,
  Protocol,
  type Queue,
  Severity,
  Sharing,
  type Snapshot,
  SocketState,
} from '../../electron/contract/model.ts'
import { type Name, nameOf, onlyFor, type Texts, toSentences } from '../../electron/engine/common/prose.ts'
import { hostileNames } from './hostile-names.ts'

const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 15 }), fc.constantFrom(...hostileNames))
const date = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((value) => value.toISOString())
const number = fc.nat({ max: 2 ** 31 - 1 })
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const port = fc.integer({ min: 0, max: 65535 })
const pid = fc.integer({ min: 1, max: 4_194_304 })
const address = fc.oneof(fc.ipV4(), fc.ipV6())
const queue: fc.Arbitrary<Queue> = fc.record({
  length: orNull(number),
  limit: orNull(number),
  unit: fc.constantFrom('connections' as const, 'bytes' as const),
})
const holder: fc.Arbitrary<Holder> = fc.record({
  pid,
  fds: fc.array(number, { maxLength: 3 }),
  command: name,
  startedAt: orNull(date),
})
const member: fc.Arbitrary<Member> = fc.record({
  cookie: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
  inode: number,
  uid: number,
  user: orNull(name),
  state: fc.constantFrom(...SocketState.options),
  queue,
  drops: orNull(number),
  holders: orNull(fc.array(holder, { minLength: 1, maxLength: 3 })),
  pollers: orNull(fc.array(pid, { maxLength: 3 })),
})
const cookieOrNull = orNull(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String))
const program: fc.Arbitrary<SteeringProgram> = fc.oneof(
  fc.record({
    kind: fc.constant('classic' as const),
    instructions: fc.array(fc.record({ code: fc.nat(0xffff), jt: fc.nat(255), jf: fc.nat(255), k: number }), {
      maxLength: 3,
    }),
  }),
  fc.record({
    kind: fc.constant('extended' as const),
    id: number,
    name,
    tag: fc.constant('0123456789abcdef'),
    type: number,
    loadedAt: date,
    mapCount: number,
    maps: fc.array(
      fc.record({
        id: number,
        name,
        type: number,
        maxEntries: number,
        places: orNull(fc.array(fc.record({ key: number, cookie: cookieOrNull }), { maxLength: 3 })),
      }),
      { maxLength: 2 },
    ),
  }),
)
const kernelGroup: fc.Arbitrary<KernelGroup> = fc.record({
  id: number,
  members: fc.array(cookieOrNull, { maxLength: 3 }),
  halfOpen: orNull(fc.array(number, { maxLength: 3 })),
  closed: fc.array(cookieOrNull, { maxLength: 2 }),
  maxSocks: number,
  bindInany: fc.boolean(),
  hasConns: fc.boolean(),
  program: orNull(program),
})
const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16).padStart(16, '0'))
const plainGroup = fc.record({
  id,
  netns: number,
  protocol: fc.constantFrom(...Protocol.options),
  family: fc.constantFrom(...Family.options),
  v6only: orNull(fc.boolean()),
  address,
  port,
  interface: orNull(name),
  uid: orNull(number),
  user: orNull(name),
  sharing: fc.constantFrom(...Sharing.options),
  evidence: fc.constantFrom(...Evidence.options),
  members: fc.uniqueArray(member, { maxLength: 5, selector: ({ cookie }) => cookie }),
  queue,
  drops: orNull(number),
})
const group: fc.Arbitrary<Group> = fc
  .tuple(plainGroup, fc.option(fc.array(kernelGroup, { maxLength: 2 }), { nil: undefined }))
  .map(([plain, kernelGroups]) => (kernelGroups === undefined ? plain : { ...plain, kernelGroups }))
const named: fc.Arbitrary<Name> = fc.oneof(
  fc
    .record({ protocol: fc.constantFrom(...Protocol.options), address, port, interface: orNull(name) })
    .map((endpoint) => nameOf({ kind: 'endpoint', ...endpoint })),
  address.map((of) => nameOf({ kind: 'address', address: of })),
  fc.record({ uid: number, user: orNull(name) }).map((user) => nameOf({ kind: 'user', ...user })),
  fc.record({ pid, command: orNull(name) }).map((process) => nameOf({ kind: 'process', ...process })),
  name.map((command) => nameOf({ kind: 'command', command })),
  fc.tuple(name, name).map(([command, words]) => onlyFor(command, words)),
)
const sentence = fc.array(fc.oneof(name, named), { maxLength: 4 })
export const arbitraryTexts: fc.Arbitrary<Texts> = fc.record({
  summary: sentence,
  explanation: sentence,
  advice: sentence,
})
const told = fc.record({
  code: name,
  severity: fc.constantFrom(...Severity.options),
  group: id,
  members: fc.array(fc.constant('1'), { maxLength: 2 }),
  evidence: fc.array(fc.record({ name, value: orNull(number), unit: orNull(name) }), { maxLength: 2 }),
})
const finding: fc.Arbitrary<Finding> = fc
  .tuple(told, arbitraryTexts)
  .map(([rest, texts]) => ({ ...rest, ...toSentences(texts) }))

export const arbitraryGroups = fc.uniqueArray(group, { maxLength: 6, selector: ({ id }) => id })
export const arbitrarySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  schema: fc.constant(SNAPSHOT_SCHEMA),
  takenAt: date,
  durationMs: fc.nat(),
  host: fc.record({
    hostname: name,
    kernelRelease: name,
    bootId: orNull(fc.uuid()),
    uid: number,
    capabilities: fc.array(name, { maxLength: 3 }),
  }),
  sysctls: fc.constant({ 'net.core.somaxconn': 4096, 'net.ipv4.tcp_migrate_req': '0' }),
  namespaces: fc.array(fc.record({ inode: number, name, self: fc.boolean() }), { maxLength: 3 }),
  groups: arbitraryGroups,
  findings: fc.array(finding, { maxLength: 3 }),
})
