/* What flows.bpf.c writes and flow_reader.cc reads. Included by C and by C++. */
#pragma once

#include <linux/types.h>

/* Sampled of what one member is given within a second: more are counted only. */
#define FLOWS_PER_SECOND 32
/* For what is sampled between two readings, some 5,000 records: what does not fit is counted only. */
#define FLOW_BUFFER_BYTES (256 << 10)

struct flow_record {
  __u64 cookie;     /* of the member */
  __u64 at;         /* nanoseconds of CLOCK_MONOTONIC */
  __u8 address[16]; /* the client's; IPv4 in the first four bytes */
  __u16 port;       /* in network byte order */
  __u16 family;     /* AF_INET or AF_INET6 */
  __u32 unused;
};

struct flow_count_record {
  __u64 cookie;
  __u64 given;   /* connections or datagrams since sampling began, or since the socket was opened */
  __u64 sampled; /* of these */
};
