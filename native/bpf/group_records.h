/* What groups.bpf.c writes and groups.cc reads: sections one after the other, each 8-byte aligned. A group's sections
 * follow its SECTION_GROUP. No kernel address is in them. Included by C and by C++. */
#pragma once

#include <linux/types.h>

/* The kernel's limit: `socks[]` starts at 128 and doubles, in a u16 (reuseport_grow(), net/core/sock_reuseport.c). */
#define MAX_SOCKETS 32768
/* Maps of a program that are described; a program may use 64. */
#define MAX_MAPS 8
/* BPF_MAXINSNS, include/uapi/linux/bpf_common.h. */
#define MAX_INSTRUCTIONS 4096

enum section_kind {
  SECTION_GROUP = 1,   /* one struct group_record */
  SECTION_MEMBERS,     /* struct socket_record: socks[0] to socks[num_socks - 1] */
  SECTION_CLOSED,      /* struct socket_record: the closed section, the last num_closed_socks entries of socks[] */
  SECTION_INSTRUCTION, /* struct sock_filter (linux/filter.h): the attached classic program */
  SECTION_PROGRAM,     /* one struct program_record: the attached extended program */
  SECTION_MAP,         /* one struct map_record: a map that it uses */
  SECTION_MAP_SOCKETS, /* struct socket_record: what stands in that map, by key */
};

struct section_header {
  __u32 kind;
  __u32 count;
};

struct group_record {
  __u32 id, netns;
  __u16 num_socks, max_socks, num_closed, port;
  __u8 protocol, bind_inany, has_conns, unused[5];
};

/* `cookie` is 0 where the socket has none yet; `present` where the slot has a socket. */
struct socket_record {
  __u64 cookie;
  __u32 half_open; /* TCP listener: connections whose handshake is not complete */
  __u32 present;
};

struct program_record {
  __u64 loaded_at; /* nanoseconds since boot, CLOCK_BOOTTIME */
  __u32 id, type, map_count, unused;
  __u8 tag[8];
  char name[16];
};

struct map_record {
  __u32 id, type, max_entries, unused;
  char name[16];
};

/* What a section takes at most. */
#define MAX_SECTION (sizeof(struct section_header) + MAX_SOCKETS * sizeof(struct socket_record))
/* Room for the largest group that is possible, with its program and eight maps full of sockets. */
#define MAX_BUFFER (8 << 20)

/* Of one pass of the program. */
struct group_reading {
  /* Set by the reader before a pass: which reading it belongs to, and how much of the buffer is used. */
  __u32 number, used;
  /* Results: a group did not fit; sockets that had no cookie yet. */
  __u32 full, without_cookie;
};
