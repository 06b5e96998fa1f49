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

/* The program that reads the samples' counts, of the map that has them. */
static int attach_read_members(struct flows_bpf* loaded) {
  union bpf_iter_link_info what = {.map = {.map_fd = loaded->maps.sampled_members.map_fd}};
  LIBBPF_OPTS(bpf_link_create_opts, options, .iter_info = &what, .iter_info_len = sizeof(what));
  const int link = bpf_link_create(loaded->progs.read_members.prog_fd, 0, BPF_TRACE_ITER, &options);
  if (link < 0) return -1;
  loaded->links.read_members_fd = link;
  return 0;
}

/* In place of flows_bpf__attach(), which would attach that program without a map. */
static int attach_flows(struct flows_bpf* loaded) {
  const int attached = attach_read_members(loaded) == 0 && flows_bpf__note_connection__attach(loaded) >= 0 &&
                       flows_bpf__sample_given__attach(loaded) >= 0;
  return attached ? 0 : -1;
}

/* Each skeleton has types and functions of its own. For that of `name`, this defines unload_...(), and finish_...(),
 * which loads what was opened and attaches it by `attach`. Where that fails, it closes it and returns NULL, with
 * errno. */
#define DEFINE_PROGRAMS(name, attach)                                                          \
  void unload_##name(struct name##_bpf* loaded) { name##_bpf__destroy(loaded); }               \
  static struct name##_bpf* finish_##name(struct name##_bpf* opened) {                         \
    if (opened == NULL) return NULL;                                                           \
    prepare_log(&opened->ctx);                                                                 \
    if (loaded_or_logged(name##_bpf__load(opened)) == 0 && attach(opened) == 0) return opened; \
    const int error = errno;                                                                   \
    unload_##name(opened);                                                                     \
    errno = error;                                                                             \
    return NULL;                                                                               \
  }

DEFINE_PROGRAMS(groups, groups_bpf__attach)
struct groups_bpf* load_groups(__u32 buffer_bytes) {
  struct groups_bpf* opened = groups_bpf__open();
  if (opened != NULL) opened->rodata->buffer_bytes = buffer_bytes;
  return finish_groups(opened);
}
int groups_iterator(const struct groups_bpf* loaded) { return loaded->links.read_groups_fd; }
int groups_buffer(const struct groups_bpf* loaded) { return loaded->maps.buffer.map_fd; }
struct group_reading* groups_reading(const struct groups_bpf* loaded) { return &loaded->bss->reading; }

DEFINE_PROGRAMS(counts, counts_bpf__attach)
struct counts_bpf* load_counts(void) { return finish_counts(counts_bpf__open()); }
int counts_iterator(const struct counts_bpf* loaded) { return loaded->links.read_counts_fd; }

DEFINE_PROGRAMS(flows, attach_flows)
struct flows_bpf* load_flows(void) { return finish_flows(flows_bpf__open()); }
int flows_iterator(const struct flows_bpf* loaded) { return loaded->links.read_members_fd; }
int flows_ring(const struct flows_bpf* loaded) { return loaded->maps.flows.map_fd; }
