// The interfaces of one network namespace, reread only when the kernel has reported a change.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/netlink.h"
#include "common/rtnetlink.h"

namespace reuseport {

struct Interfaces {
  std::vector<NetworkInterface> links;  // in the order of their indexes, as the kernel dumps them
  std::vector<InterfaceAddress> addresses;
};

// Not thread-safe.
class InterfaceWatch {
 public:
  // `requests` is a NETLINK_ROUTE transport for dumps, `events` another one, which has joined kInterfaceEvents: inside
  // a dump's reply an event could not be told apart from it. Any event means only "something changed", so the receive
  // buffer of `events` can be as small as the kernel allows: an overflow means the same.
  InterfaceWatch(std::unique_ptr<NetlinkTransport> requests, std::unique_ptr<NetlinkTransport> events);

  // All current interfaces and addresses; nothing if no event arrived since they were read. Never waits for an event.
  // Throws SystemError; the next call then reads them again.
  std::optional<Interfaces> read_if_changed();

 private:
  bool drain_events();

  NetlinkConnection requests_;
  std::unique_ptr<NetlinkTransport> events_;
  bool stale_ = true;  // never read, or incomplete
};

}  // namespace reuseport
