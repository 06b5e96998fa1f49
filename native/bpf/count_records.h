/* What counts.bpf.c writes and count_reader.cc reads, one after the other. Included by C and by C++. */
#pragma once

#include <linux/types.h>

struct count_record {
  __u64 cookie;
  __u64 given; /* connections or datagrams since counting began, or since the socket was opened */
};
