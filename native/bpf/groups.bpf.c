// Reads every SO_REUSEPORT group that some process holds a socket of, in all network namespaces, in one pass over the
// descriptors of all processes. Everything goes to a buffer that the reader maps, nothing to the iterator's own output:
// the kernel repeats a program whose output does not fit, which would read a group twice. A group is added to the buffer
// as a whole, or not at all.
#include "kernel.h"
// The structures above come first.
#include "group_records.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define IPPROTO_TCP 6
#define INSTRUCTION_BYTES 8

const volatile __u32 buffer_bytes = 0;

struct group_reading reading = {};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, MAX_BUFFER);
} buffer SEC(".maps");

// A copy of `socks[]`, made at once: to look at each socket takes longer.
struct slots {
  struct sock* sockets[MAX_SOCKETS];
};
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct slots);
} slots SEC(".maps");

// The reading that last added the group. The kernel gives the lowest free ids, so the map stays as small as the largest
// number of groups there was.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 1 << 17);
  __type(key, __u32);
  __type(value, __u32);
} added SEC(".maps");

// The place for a section at `at`, or null where there might not be room for one of any size.
static __always_inline struct section_header* section_at(__u32 at) {
  const __u32 zero = 0;
  void* start = bpf_map_lookup_elem(&buffer, &zero);
  if (!start) return NULL;
  if (at > buffer_bytes - MAX_SECTION) {
    reading.full = 1;
    return NULL;
  }
  return start + at;
}

static __always_inline __u32 section_end(__u32 at, __u32 bytes) {
  return at + sizeof(struct section_header) + ((bytes + 7) & ~7u);
}

struct describe_context {
  __u32 at;
  __u32 tcp;
};

static long describe_socket(__u32 index, struct describe_context* context) {
  const __u32 zero = 0;
  struct slots* copied = bpf_map_lookup_elem(&slots, &zero);
  void* start = bpf_map_lookup_elem(&buffer, &zero);
  const __u32 at = context->at + index * sizeof(struct socket_record);
  if (!copied || !start || index >= MAX_SOCKETS || at > buffer_bytes - sizeof(struct socket_record)) return 1;
  struct sock* sk = copied->sockets[index];
  struct socket_record* record = start + at;
  record->present = sk != NULL;
  record->cookie = sk ? BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) : 0;
  record->half_open = 0;
  if (sk && context->tcp)
    record->half_open = BPF_CORE_READ((struct inet_connection_sock*)sk, icsk_accept_queue.qlen.counter);
  if (sk && record->cookie == 0) reading.without_cookie++;
  return 0;
}

// Adds the sockets of an array of `count` pointers at the kernel address `from`. Returns where the next section starts, 0
// on failure. Like add_map() it is global and takes only numbers, so that the verifier checks it once, not once a call.
__noinline __u32 add_sockets(__u32 at, __u32 kind, __u32 count, __u64 from, __u32 tcp) {
  const __u32 zero = 0;
  struct slots* copied = bpf_map_lookup_elem(&slots, &zero);
  struct section_header* section = section_at(at);
  if (!copied || !section || count > MAX_SOCKETS) return 0;
  section->kind = kind;
  section->count = count;
  __u64 bytes = (__u64)count * sizeof(struct sock*);
  // The compiler would check `count` alone, and the verifier cannot follow from that.
  barrier_var(bytes);
  if (bytes > sizeof(*copied) || bpf_probe_read_kernel(copied, bytes, (void*)from)) return 0;
  struct describe_context context = {.at = at + sizeof(*section), .tcp = tcp};
  bpf_loop(count, describe_socket, &context, 0);
  return section_end(at, count * sizeof(struct socket_record));
}

__noinline __u32 add_map(__u32 at, __u64 from) {
  struct bpf_map* map = (void*)from;
  struct section_header* section = section_at(at);
  if (!section) return 0;
  section->kind = SECTION_MAP;
  section->count = 1;
  struct map_record* record = (void*)(section + 1);
  record->id = BPF_CORE_READ(map, id);
  record->type = BPF_CORE_READ(map, map_type);
  record->max_entries = BPF_CORE_READ(map, max_entries);
  record->unused = 0;
  BPF_CORE_READ_INTO(&record->name, map, name);
  const __u32 type = record->type;
  const __u32 entries = record->max_entries;
  at = section_end(at, sizeof(*record));
  if (type != BPF_MAP_TYPE_REUSEPORT_SOCKARRAY || !bpf_core_type_exists(struct reuseport_array)) return at;
  const __u64 sockets = from + bpf_core_field_offset(struct reuseport_array, ptrs);
  return add_sockets(at, SECTION_MAP_SOCKETS, entries < MAX_SOCKETS ? entries : MAX_SOCKETS, sockets, 0);
}

static __always_inline __u32 add_program(__u32 at, struct bpf_prog* program) {
  struct section_header* section = section_at(at);
  if (!section) return 0;
  struct sock_fprog_kern* classic = program->orig_prog;
  if (classic) {
    const __u32 length = classic->len;
    section->kind = SECTION_INSTRUCTION;
    section->count = length;
    __u64 bytes = (__u64)length * INSTRUCTION_BYTES;
    barrier_var(bytes);
    if (bytes > MAX_INSTRUCTIONS * INSTRUCTION_BYTES) return 0;
    if (bpf_probe_read_kernel(section + 1, bytes, classic->filter)) return 0;
    return section_end(at, length * INSTRUCTION_BYTES);
  }
  struct bpf_prog_aux* aux = program->aux;
  struct program_record* record = (void*)(section + 1);
  section->kind = SECTION_PROGRAM;
  section->count = 1;
  record->loaded_at = aux->load_time;
  record->id = aux->id;
  record->type = program->type;
  record->map_count = aux->used_map_cnt;
  record->unused = 0;
  bpf_core_read(&record->tag, sizeof(record->tag), &program->tag);
  bpf_core_read(&record->name, sizeof(record->name), &aux->name);
  at = section_end(at, sizeof(*record));
  struct bpf_map** maps = aux->used_maps;
  for (__u32 i = 0; i < MAX_MAPS; i++) {
    struct bpf_map* map = NULL;
    if (i >= aux->used_map_cnt) break;
    if (bpf_probe_read_kernel(&map, sizeof(map), maps + i) || !map) return 0;
    at = add_map(at, (__u64)map);
    if (at == 0) return 0;
  }
  return at;
}

// Returns where the group's last section ends, 0 where it could not be read, or changed meanwhile.
static __always_inline __u32 add_group(struct sock* sk, struct sock_reuseport* group) {
  struct section_header* section = section_at(reading.used);
  if (!section) return 0;
  struct group_record* record = (void*)(section + 1);
  section->kind = SECTION_GROUP;
  section->count = 1;
  const __u32 members = group->num_socks;
  const __u32 closed = group->num_closed_socks;
  __builtin_memset(record, 0, sizeof(*record));
  record->id = group->reuseport_id;
  record->netns = sk->__sk_common.skc_net.net->ns.inum;
  record->num_socks = members;
  record->max_socks = group->max_socks;
  record->num_closed = closed;
  record->port = sk->__sk_common.skc_num;
  record->protocol = sk->sk_protocol;
  record->bind_inany = BPF_CORE_READ_BITFIELD(group, bind_inany);
  record->has_conns = BPF_CORE_READ_BITFIELD(group, has_conns);
  const __u32 tcp = record->protocol == IPPROTO_TCP;

  // As a number: add_sockets() takes no pointer.
  __u64 sockets = 0;
  if (bpf_core_read(&sockets, sizeof(sockets), &sk->sk_reuseport_cb)) return 0;
  sockets += bpf_core_field_offset(group->socks);
  __u32 at = section_end(reading.used, sizeof(*record));
  at = add_sockets(at, SECTION_MEMBERS, members, sockets, tcp);
  if (at != 0 && closed > 0)
    at = add_sockets(at, SECTION_CLOSED, closed, sockets + 8 * (group->max_socks - closed), tcp);
  struct bpf_prog* program = group->prog;
  if (at != 0 && program) at = add_program(at, program);
  return group->num_socks == members && group->num_closed_socks == closed && sk->sk_reuseport_cb == group ? at : 0;
}

SEC("iter/task_file")
int read_groups(struct bpf_iter__task_file* context) {
  struct file* file = context->file;
  if (!file || reading.full) return 0;
  struct socket* socket = bpf_sock_from_file(file);
  if (!socket) return 0;
  struct sock* sk = socket->sk;
  if (!sk) return 0;
  struct sock_reuseport* group = sk->sk_reuseport_cb;
  if (!group) return 0;
  // Gives the socket its cookie where nobody has asked for it yet.
  bpf_get_socket_cookie(sk);
  const __u32 id = group->reuseport_id;
  const __u32* last = bpf_map_lookup_elem(&added, &id);
  if (last && *last == reading.number) return 0;
  const __u32 end = add_group(sk, group);
  if (end == 0) return 0;
  reading.used = end;
  const __u32 now = reading.number;
  bpf_map_update_elem(&added, &id, &now, BPF_ANY);
  return 0;
}
