// The interfaces of one network namespace, read again only when the kernel reported a change of them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "netlink.h"
#include "rtnetlink.h"

namespace reuseport {

struct Interfaces {
  std::vector<NetworkInterface> links;  // in the order of their indexes, as the kernel dumps them
  std::vector<InterfaceAddress> addresses;
};

// Not for two threads at once.
class InterfaceWatch {
 public:
  // `requests` is a NETLINK_ROUTE connection for dumps, `events` another one, a member of kInterfaceEvents: in the middle
  // of a dump's answer an event would not be told from it. Events are only counted as "something changed", so the receive
  // buffer of `events` may be as small as the kernel allows: what overflows it says the same.
  InterfaceWatch(std::unique_ptr<Kernel> requests, std::unique_ptr<Kernel> events);

  // All interfaces and addresses of now; nothing where no event came since they were read. Never waits for an event.
  // Throws SystemError, and reads them at the next call then.
  std::optional<Interfaces> read_if_changed();

 private:
  bool take_events();

  Connection requests_;
  std::unique_ptr<Kernel> events_;
  bool stale_ = true;  // never read, or not whole
};

}  // namespace reuseport
