// The few kernel structures that the programs read. CO-RE finds every field by its name in the running kernel's BTF when
// a program is loaded, so only names and kinds count (an enum is not a u32), not offsets or order.
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
// The headers of libbpf use the kernel's types.
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  int counter;
} atomic_t;
typedef struct {
  __s64 counter;
} atomic64_t;

struct ns_common {
  unsigned int inum;
};
struct net {
  struct ns_common ns;
};
typedef struct {
  struct net* net;
} possible_net_t;

struct in6_addr {
  union {
    __u8 u6_addr8[16];
  } in6_u;
};

struct sock_common {
  __be32 skc_daddr;
  __u16 skc_num;
  __be16 skc_dport;
  unsigned short skc_family;
  volatile unsigned char skc_state;
  possible_net_t skc_net;
  struct in6_addr skc_v6_daddr;
  atomic64_t skc_cookie;
};

struct sk_buff {
  unsigned char* head;
  __u16 network_header, transport_header;
};
struct sk_buff_head {
  struct sk_buff* prev;
};

struct sock {
  struct sock_common __sk_common;
  struct sk_buff_head sk_receive_queue;
  struct sock_reuseport* sk_reuseport_cb;
  __u16 sk_protocol;
};

struct request_sock_queue {
  atomic_t qlen;
};
struct inet_connection_sock {
  struct request_sock_queue icsk_accept_queue;
};

// include/net/sock_reuseport.h: one group.
struct sock_reuseport {
  __u16 max_socks, num_socks, num_closed_socks;
  unsigned int reuseport_id;
  unsigned int bind_inany : 1;
  unsigned int has_conns : 1;
  struct bpf_prog* prog;
  struct sock* socks[0];
};

struct bpf_map {
  enum bpf_map_type map_type;
  __u32 max_entries, id;
  char name[16];
};
// kernel/bpf/reuseport_array.c: BPF_MAP_TYPE_REUSEPORT_SOCKARRAY.
struct reuseport_array {
  struct bpf_map map;
  struct sock* ptrs[0];
};

struct bpf_prog_aux {
  __u32 id, used_map_cnt;
  char name[16];
  __u64 load_time;
  struct bpf_map** used_maps;
};
// A classic program as user space gave it: the kernel translates it, and keeps this.
struct sock_fprog_kern {
  __u16 len;
  struct sock_filter* filter;
};
struct bpf_prog {
  enum bpf_prog_type type;
  __u8 tag[8];
  struct bpf_prog_aux* aux;
  struct sock_fprog_kern* orig_prog;
};

struct socket {
  struct sock* sk;
};
struct file {};
struct task_struct {};
struct seq_file {};
struct bpf_iter_meta {
  struct seq_file* seq;
};
struct bpf_iter__bpf_sk_storage_map {
  struct bpf_iter_meta* meta;
  struct sock* sk;
  void* value;
};
struct bpf_iter__task_file {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
  __u32 fd;
  struct file* file;
};

#pragma clang attribute pop

// What `map` (BPF_MAP_TYPE_SK_STORAGE) keeps with the socket, made where there is nothing yet. Where two CPUs make it at
// the same moment, the kernel refuses one of them (-EEXIST or -EAGAIN, bpf_local_storage_update()): the other's is there.
static __always_inline void* storage_of(void* map, struct sock* sk) {
  void* stored = bpf_sk_storage_get(map, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
  return stored ? stored : bpf_sk_storage_get(map, sk, NULL, 0);
}
