#include "bpf/programs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

/* They use the headers above. */
#include <counts.lskel.h>
#include <flows.lskel.h>
#include <groups.lskel.h>

/* Larger than any log of these programs: older kernels refuse a program whose log does not fit (ENOSPC). */
static char refusal[16 << 20];
static int logging;

void log_refused_programs(void) { logging = 1; }

static void prepare_log(struct bpf_loader_ctx* context) {
  if (!logging) return;
  refusal[0] = 0;
  context->log_level = 1;
  context->log_buf = (unsigned long)refusal;
  context->log_size = sizeof(refusal);
}

/* The result of loading: `error` is negative or 0. */
static int loaded_or_logged(int error) {
  if (error == 0) return 0;
  if (logging) fputs(refusal, stderr);
  errno = -error;
  return -1;
}

struct groups_bpf* load_groups(__u32 buffer_bytes) {
  struct groups_bpf* loaded = groups_bpf__open();
  if (loaded == NULL) return NULL;
  prepare_log(&loaded->ctx);
  loaded->rodata->buffer_bytes = buffer_bytes;
  if (loaded_or_logged(groups_bpf__load(loaded)) == 0 && groups_bpf__attach(loaded) == 0) return loaded;
  const int error = errno;
  unload_groups(loaded);
  errno = error;
  return NULL;
}

void unload_groups(struct groups_bpf* loaded) { groups_bpf__destroy(loaded); }
int groups_iterator(const struct groups_bpf* loaded) { return loaded->links.read_groups_fd; }
int groups_buffer(const struct groups_bpf* loaded) { return loaded->maps.buffer.map_fd; }
struct group_reading* groups_reading(const struct groups_bpf* loaded) { return &loaded->bss->reading; }

struct counts_bpf* load_counts(void) {
  struct counts_bpf* loaded = counts_bpf__open();
  if (loaded == NULL) return NULL;
  prepare_log(&loaded->ctx);
  if (loaded_or_logged(counts_bpf__load(loaded)) == 0 && counts_bpf__attach(loaded) == 0) return loaded;
  const int error = errno;
  unload_counts(loaded);
  errno = error;
  return NULL;
}

void unload_counts(struct counts_bpf* loaded) { counts_bpf__destroy(loaded); }
int counts_iterator(const struct counts_bpf* loaded) { return loaded->links.read_counts_fd; }

/* The program that reads the samples' counts, of the map that has them. */
static int attach_read_members(struct flows_bpf* loaded) {
  union bpf_iter_link_info what = {.map = {.map_fd = loaded->maps.sampled_members.map_fd}};
  LIBBPF_OPTS(bpf_link_create_opts, options, .iter_info = &what, .iter_info_len = sizeof(what));
  const int link = bpf_link_create(loaded->progs.read_members.prog_fd, 0, BPF_TRACE_ITER, &options);
  if (link < 0) return -1;
  loaded->links.read_members_fd = link;
  return 0;
}

struct flows_bpf* load_flows(void) {
  struct flows_bpf* loaded = flows_bpf__open();
  if (loaded == NULL) return NULL;
  prepare_log(&loaded->ctx);
  if (loaded_or_logged(flows_bpf__load(loaded)) == 0 && attach_read_members(loaded) == 0 &&
      flows_bpf__note_connection__attach(loaded) >= 0 && flows_bpf__sample_given__attach(loaded) >= 0)
    return loaded;
  const int error = errno;
  unload_flows(loaded);
  errno = error;
  return NULL;
}

void unload_flows(struct flows_bpf* loaded) { flows_bpf__destroy(loaded); }
int flows_iterator(const struct flows_bpf* loaded) { return loaded->links.read_members_fd; }
int flows_ring(const struct flows_bpf* loaded) { return loaded->maps.flows.map_fd; }
