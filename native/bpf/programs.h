/* The BPF programs (*.bpf.c), loaded into the kernel, for the readers. Each is a "light skeleton" (bpftool gen skeleton
 * -L): the kernel finds the fields that a program reads in its own BTF and remembers where they are, while libbpf would
 * read all of the BTF for it, in four times as long as all else takes. What bpftool makes is C, and so is programs.c.
 * Included by C and by C++. */
#pragma once

#include <linux/types.h>

#include "bpf/group_records.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From now on, what the kernel says about a program that it refuses goes to standard error. */
void log_refused_programs(void);

/* Each load_...() loads and attaches, which takes CAP_BPF and CAP_PERFMON. It returns NULL with errno where that fails.
 * What it returns owns the descriptors that are got from it, and unload_...() closes them, which ends the programs. */

struct groups_bpf;
/* A `buffer_bytes` below MAX_BUFFER makes it return to the reader before the buffer is full. */
struct groups_bpf* load_groups(__u32 buffer_bytes);
void unload_groups(struct groups_bpf* loaded);
int groups_iterator(const struct groups_bpf* loaded);
/* The map that holds what was read, MAX_BUFFER bytes long. */
int groups_buffer(const struct groups_bpf* loaded);
/* Shared with the program. */
struct group_reading* groups_reading(const struct groups_bpf* loaded);

struct counts_bpf;
struct counts_bpf* load_counts(void);
void unload_counts(struct counts_bpf* loaded);
int counts_iterator(const struct counts_bpf* loaded);

struct flows_bpf;
struct flows_bpf* load_flows(void);
void unload_flows(struct flows_bpf* loaded);
int flows_iterator(const struct flows_bpf* loaded);
/* The map of type BPF_MAP_TYPE_RINGBUF that the samples come through. */
int flows_ring(const struct flows_bpf* loaded);

#ifdef __cplusplus
}
#endif
