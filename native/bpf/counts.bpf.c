// Counts what every member of an SO_REUSEPORT group is given: a TCP listener each connection that enters its accept
// queue, a UDP socket each datagram that enters its receive queue. The kernel announces both through sk_data_ready
// (tcp_child_process(), net/ipv4/tcp_minisocks.c; __udp_enqueue_schedule_skb(), net/ipv4/udp.c).
// The count is kept with the socket, and ends with it.
#include "kernel.h"
// The structures above come first.
#include "count_records.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, __u64);
} given SEC(".maps");

SEC("tp_btf/sk_data_ready")
int count_given(__u64* arguments) {
  struct sock* sk = (void*)arguments[0];
  if (!sk->sk_reuseport_cb) return 0;
  __u64* count = storage_of(&given, sk);
  // Several CPUs may deliver to one socket.
  if (count) __sync_fetch_and_add(count, 1);
  return 0;
}

// Through the descriptors of all processes: a socket that several processes hold is written several times. Members that
// were given nothing are written too: they are counted, and another socket is not.
SEC("iter/task_file")
int read_counts(struct bpf_iter__task_file* context) {
  struct file* file = context->file;
  if (!file) return 0;
  struct socket* socket = bpf_sock_from_file(file);
  if (!socket) return 0;
  struct sock* sk = socket->sk;
  if (!sk) return 0;
  const __u64* count = bpf_sk_storage_get(&given, sk, NULL, 0);
  if (!count && !sk->sk_reuseport_cb) return 0;
  const struct count_record record = {.cookie = bpf_get_socket_cookie(sk), .given = count ? *count : 0};
  // Where it does not fit, the kernel runs this again for the same descriptor.
  bpf_seq_write(context->meta->seq, &record, sizeof(record));
  return 0;
}
