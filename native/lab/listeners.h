// A listener of the lab: a socket with the options that were asked for, and what names it afterwards.
#pragma once

#include <cstdint>

#include "endpoint.h"
#include "protocol.h"
#include "unique_fd.h"

namespace reuseport::lab {

// A member as the inspector shows it. Crosses between processes as it lies in memory.
struct MemberFacts {
  std::uint64_t cookie = 0;
  std::uint32_t inode = 0;
  std::uint32_t uid = 0;
  std::uint16_t port = 0;
};

// The options in which one member may differ from the plan.
struct MemberSharing {
  bool reuseport;
  bool reuseaddr;
};

// Opens, sets up and binds member `index` at `endpoint`, and lets a TCP socket listen: by then it is in its group. The
// socket does not block. Throws LabError with the call that failed.
UniqueFd open_listener(const ListenPlan& plan, const Endpoint& endpoint, unsigned index, MemberSharing sharing);

// Throws LabError.
MemberFacts facts_of(int listener);

}  // namespace reuseport::lab
