// What programs.h loads, for C++.
#pragma once

#include <memory>

#include "bpf/programs.h"

namespace reuseport::bpf {

struct Unload {
  void operator()(groups_bpf* loaded) const { ::unload_groups(loaded); }
  void operator()(counts_bpf* loaded) const { ::unload_counts(loaded); }
  void operator()(flows_bpf* loaded) const { ::unload_flows(loaded); }
};

// Programs in the kernel, which end with it.
template <typename Skeleton>
using Loaded = std::unique_ptr<Skeleton, Unload>;

}  // namespace reuseport::bpf
