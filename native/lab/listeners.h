// The lab's listeners: opening them with the requested options, and identifying them.
#pragma once

#include <cstdint>

#include "common/unique_fd.h"
#include "endpoint.h"
#include "protocol.h"

namespace reuseport::lab {

// A member as the inspector shows it. Sent between processes as raw memory.
struct MemberFacts {
  std::uint64_t cookie = 0;
  std::uint32_t inode = 0;
  std::uint32_t uid = 0;
  std::uint16_t port = 0;
};

// Options that can differ per member.
struct MemberSharing {
  bool reuseport;
  bool reuseaddr;
};

// Opens, configures and binds member `index` at `endpoint`; a TCP socket also listens, and is then in its group. The
// socket is non-blocking. Throws LabError with the call that failed.
UniqueFd open_listener(const ListenPlan& plan, const Endpoint& endpoint, unsigned index, MemberSharing sharing);

// Throws LabError.
MemberFacts facts_of(int listener);

}  // namespace reuseport::lab
