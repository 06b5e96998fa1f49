/** What the kernel itself holds of a group: `struct sock_reuseport` (include/net/sock_reuseport.h), read with BPF. */
import { z } from 'zod'
import { list } from './list.ts'

/** SO_COOKIE, decimal; null where the socket had none yet when it was read. */
const Cookie = z
  .string()
  .regex(/^\d{1,20}$/)
  .nullable()

/** One instruction of a classic program (`struct sock_filter`, linux/filter.h). */
export const ClassicInstruction = z.object({
  code: z.number().int().nonnegative(),
  jt: z.number().int().nonnegative(),
  jf: z.number().int().nonnegative(),
  k: z.number().int().nonnegative(),
})
export type ClassicInstruction = z.infer<typeof ClassicInstruction>

/** A map that a program uses. */
export const ProgramMap = z.object({
  /** As `bpftool map` knows it. */
  id: z.number().int().nonnegative(),
  /** As its program wrote it: never trusted. */
  name: z.string(),
  /** `enum bpf_map_type` (linux/bpf.h); 20 is BPF_MAP_TYPE_REUSEPORT_SOCKARRAY. */
  type: z.number().int().nonnegative(),
  maxEntries: z.number().int().nonnegative(),
  /** What stands in a REUSEPORT_SOCKARRAY, by key: the first 32,768 keys. null for any other map. */
  places: list(z.object({ key: z.number().int().nonnegative(), cookie: Cookie })).nullable(),
})
export type ProgramMap = z.infer<typeof ProgramMap>

/** The program that decides instead of the hash. */
export const SteeringProgram = z.discriminatedUnion('kind', [
  /** Attached with SO_ATTACH_REUSEPORT_CBPF. */
  z.object({ kind: z.literal('classic'), instructions: list(ClassicInstruction) }),
  /** Attached with SO_ATTACH_REUSEPORT_EBPF. */
  z.object({
    kind: z.literal('extended'),
    /** As `bpftool prog` knows it. */
    id: z.number().int().nonnegative(),
    /** As its loader wrote it: never trusted. */
    name: z.string(),
    tag: z.string().regex(/^[0-9a-f]{16}$/),
    /** `enum bpf_prog_type` (linux/bpf.h): 21 is BPF_PROG_TYPE_SK_REUSEPORT, 1 BPF_PROG_TYPE_SOCKET_FILTER. */
    type: z.number().int().nonnegative(),
    loadedAt: z.iso.datetime(),
    /** How many maps it uses; the first eight of them. */
    mapCount: z.number().int().nonnegative(),
    maps: list(ProgramMap),
  }),
])
export type SteeringProgram = z.infer<typeof SteeringProgram>

export const KernelGroup = z.object({
  /** `reuseport_id`: unique among the groups that exist, and used again afterwards. */
  id: z.number().int().nonnegative(),
  /** In the order of `socks[]`, in which the hash and programs count; `num_socks` of them. */
  members: list(Cookie),
  /** TCP: connections of each member whose handshake is not complete, in the same order. null for UDP. */
  halfOpen: list(z.number().int().nonnegative()).nullable(),
  /** The closed section of `socks[]`: listeners that were shut down and still have connections (tcp_migrate_req). */
  closed: list(Cookie),
  /** The size of `socks[]`, which doubles as needed, to 32,768 at most. */
  maxSocks: z.number().int().nonnegative(),
  /** The group is bound to a wildcard address. */
  bindInany: z.boolean(),
  /** UDP: a member has been connected, so that the lookup also compares remote addresses. */
  hasConns: z.boolean(),
  /** null where none is attached: the hash decides. */
  program: SteeringProgram.nullable(),
})
export type KernelGroup = z.infer<typeof KernelGroup>
