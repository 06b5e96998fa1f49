// Keeps the lab's traffic away from foreign sockets: those that are not the lab's.
#pragma once

#include <cstdint>
#include <optional>

#include "common/netlink.h"
#include "endpoint.h"
#include "lab.h"

namespace reuseport::lab {

class PortGuard {
 public:
  // For traffic to `target`, from loopback addresses or from its own. Throws LabError.
  PortGuard(const Lab& lab, const Endpoint& target);

  // Throws LabError: ECONNREFUSED if no member of the lab would be reached, EADDRINUSE if a foreign socket would
  // receive some of the traffic, or is bound to the same address.
  void require_own();
  // The cookie of a foreign socket that is bound to the lab's port at the target's address or at the lab's own. While a
  // member of the lab is there, the kernel prefers no socket at other addresses of the port (compute_score() in
  // net/ipv4/udp.c and inet_hashtables.c). Throws SystemError.
  std::optional<std::uint64_t> foreign_socket();

 private:
  bool is_own(std::uint64_t cookie) const;

  const Lab& lab_;
  const Endpoint target_;
  const Endpoint bound_;
  NetlinkConnection connection_;
};

}  // namespace reuseport::lab
