// Keeps traffic from sockets that are not the lab's.
#pragma once

#include <cstdint>
#include <optional>

#include "endpoint.h"
#include "lab.h"
#include "netlink.h"

namespace reuseport::lab {

class PortGuard {
 public:
  // For traffic from loopback addresses, or from `target`'s own, to `target`. Throws LabError.
  PortGuard(const Lab& lab, const Endpoint& target);

  // Throws LabError: ECONNREFUSED where no member of the lab would be reached, EADDRINUSE where a socket that is not the
  // lab's would take some of it, or stands at the same place.
  void require_own();
  // The cookie of a socket that is not the lab's and stands where the lab's do: at the target's address, or at the one
  // that the lab is bound to. The kernel's lookup prefers none at other addresses of the port, as long as one of the
  // lab's is there (compute_score() in net/ipv4/udp.c and inet_hashtables.c). Throws SystemError.
  std::optional<std::uint64_t> stranger();

 private:
  bool is_own(std::uint64_t cookie) const;

  const Lab& lab_;
  const Endpoint target_;
  const Endpoint bound_;
  Connection connection_;
};

}  // namespace reuseport::lab
