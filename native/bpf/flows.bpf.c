// Samples which client went to which member of an SO_REUSEPORT group: of each connection that enters an accept queue and
// each datagram that enters a receive queue, at most FLOWS_PER_SECOND for a member and as many as the buffer holds. All
// are counted (counts.bpf.c says when the kernel announces them).
#include "kernel.h"
// The structures above come first.
#include "flow_records.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define IPPROTO_UDP 17
#define AF_INET 2
#define AF_INET6 10
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define SECOND 1000000000ull

struct sampled_member {
  __u64 given;
  __u64 sampled;
  __u64 second_began;
  // The limit is exact where one CPU at a time delivers to the member: two that begin a second together may each sample
  // one more.
  __u64 in_second;
};
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct sampled_member);
} sampled_members SEC(".maps");

// The address of the socket that was last made for a connection on this CPU. The kernel makes it, adds it to the accept
// queue and announces that without another connection in between (tcp_check_req() and tcp_child_process(), or
// tcp_conn_request() for TCP Fast Open), and holds it meanwhile.
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} new_connection SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, FLOW_BUFFER_BYTES);
} flows SEC(".maps");

SEC("tp_btf/inet_sock_set_state")
int note_connection(__u64* arguments) {
  const __u32 zero = 0;
  const __u64 sk = arguments[0];
  const int before = (int)arguments[1];
  const int after = (int)arguments[2];
  const int made = before == TCP_LISTEN && after == TCP_SYN_RECV;
  if (!made && after != TCP_CLOSE) return 0;
  __u64* last = bpf_map_lookup_elem(&new_connection, &zero);
  if (!last) return 0;
  if (made) *last = sk;
  // It was given up before it was announced.
  else if (*last == sk) *last = 0;
  return 0;
}

// The connection that was just made on this CPU. 0 where it came otherwise: from another listener that closed
// (tcp_migrate_req).
static __always_inline __u64 take_connection(void) {
  const __u32 zero = 0;
  __u64* last = bpf_map_lookup_elem(&new_connection, &zero);
  const __u64 connection = last ? *last : 0;
  if (last) *last = 0;
  return connection;
}

static __always_inline int connecting_client(struct sock* listener, __u64 made, struct flow_record* record) {
  struct sock* connection = (void*)made;
  if (!connection || BPF_CORE_READ(connection, __sk_common.skc_num) != listener->__sk_common.skc_num) return 0;
  record->port = BPF_CORE_READ(connection, __sk_common.skc_dport);
  record->family = BPF_CORE_READ(connection, __sk_common.skc_family);
  if (record->family == AF_INET) {
    const __be32 address = BPF_CORE_READ(connection, __sk_common.skc_daddr);
    __builtin_memcpy(record->address, &address, sizeof(address));
  } else {
    BPF_CORE_READ_INTO(&record->address, connection, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
  }
  return 1;
}

// The client of the newest datagram in the queue. False where a reader has taken it already: then its memory may be in
// use for something else.
static __always_inline int sending_client(struct sock* sk, struct flow_record* record) {
  struct sk_buff* datagram = BPF_CORE_READ(sk, sk_receive_queue.prev);
  if ((void*)datagram == (void*)sk + bpf_core_field_offset(sk->sk_receive_queue)) return 0;
  unsigned char* head = BPF_CORE_READ(datagram, head);
  unsigned char* ip = head + BPF_CORE_READ(datagram, network_header);
  unsigned char* udp = head + BPF_CORE_READ(datagram, transport_header);
  // Of the UDP header: source and destination.
  __be16 ports[2] = {};
  __u8 version = 0;
  if (bpf_probe_read_kernel(ports, sizeof(ports), udp)) return 0;
  if (bpf_probe_read_kernel(&version, sizeof(version), ip)) return 0;
  version >>= 4;
  // The source address follows 12 bytes of an IPv4 header, 8 bytes of an IPv6 header.
  if (version == 4) {
    if (bpf_probe_read_kernel(record->address, 4, ip + 12)) return 0;
  } else if (version != 6 || bpf_probe_read_kernel(record->address, 16, ip + 8)) {
    return 0;
  }
  record->family = version == 4 ? AF_INET : AF_INET6;
  record->port = ports[0];
  if (ports[1] != __builtin_bswap16(sk->__sk_common.skc_num)) return 0;
  return BPF_CORE_READ(sk, sk_receive_queue.prev) == datagram;
}

SEC("tp_btf/sk_data_ready")
int sample_given(__u64* arguments) {
  struct sock* sk = (void*)arguments[0];
  // Of a listener without a group too, so that what is left behind is of this moment.
  const __u64 connection = sk->__sk_common.skc_state == TCP_LISTEN ? take_connection() : 0;
  if (!sk->sk_reuseport_cb) return 0;
  struct sampled_member* member = storage_of(&sampled_members, sk);
  if (!member) return 0;
  __sync_fetch_and_add(&member->given, 1);
  const __u64 now = bpf_ktime_get_ns();
  if (now - member->second_began >= SECOND) {
    member->second_began = now;
    member->in_second = 0;
  }
  if (member->in_second >= FLOWS_PER_SECOND) return 0;
  struct flow_record record = {.at = now};
  const int known =
      sk->sk_protocol == IPPROTO_UDP ? sending_client(sk, &record) : connecting_client(sk, connection, &record);
  if (!known) return 0;
  record.cookie = bpf_get_socket_cookie(sk);
  // The reader asks for what there is: it need not be woken.
  if (bpf_ringbuf_output(&flows, &record, sizeof(record), BPF_RB_NO_WAKEUP)) return 0;
  __sync_fetch_and_add(&member->in_second, 1);
  __sync_fetch_and_add(&member->sampled, 1);
  return 0;
}

SEC("iter/bpf_sk_storage_map")
int read_members(struct bpf_iter__bpf_sk_storage_map* context) {
  struct sock* sk = context->sk;
  const struct sampled_member* member = context->value;
  if (!sk || !member) return 0;
  const struct flow_count_record record = {
      .cookie = bpf_get_socket_cookie(sk), .given = member->given, .sampled = member->sampled};
  // Where it does not fit, the kernel runs this again for the same socket.
  bpf_seq_write(context->meta->seq, &record, sizeof(record));
  return 0;
}
