#include "interfaces.h"

#include <array>
#include <cerrno>
#include <utility>

namespace reuseport {
namespace {

// If an interface is added or removed during a dump, others may be missing; the kernel marks it (NLM_F_DUMP_INTR).
constexpr int kMaxAttempts = 3;
// Maximum number of events drained at once. Whatever is left after a burst makes the next call read again.
constexpr int kMaxEvents = 256;

}  // namespace

InterfaceWatch::InterfaceWatch(std::unique_ptr<NetlinkTransport> requests, std::unique_ptr<NetlinkTransport> events)
    : requests_(std::move(requests)), events_(std::move(events)) {}

// True if at least one event was queued, or lost because the buffer was full (ENOBUFS).
bool InterfaceWatch::drain_events() {
  bool any = false;
  for (int taken = 0; taken < kMaxEvents; taken++) {
    // The content does not matter, so it is truncated.
    std::array<std::byte, sizeof(nlmsghdr)> buffer;
    NetlinkTransport::Received received;
    const int error = events_->receive(buffer, false, received);
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    if (error != 0 && error != ENOBUFS) throw SystemError("receive interface events", error);
    any = any || error == ENOBUFS || received.from_port == 0;
  }
  return any;
}

std::optional<Interfaces> InterfaceWatch::read_if_changed() {
  // Before the dump: a change during it is seen by the next call.
  if (drain_events()) stale_ = true;
  if (!stale_) return std::nullopt;
  Interfaces found;
  for (int attempt = 0; stale_ && attempt < kMaxAttempts; attempt++) {
    found = {};
    const DumpEnd links =
        requests_.dump(build_link_dump(), "dump network interfaces", [&](const Message& message, auto) {
          if (auto link = parse_link(message)) found.links.push_back(std::move(*link));
        });
    const DumpEnd addresses =
        requests_.dump(build_address_dump(), "dump interface addresses", [&](const Message& message, auto) {
          if (const auto address = parse_address(message)) found.addresses.push_back(*address);
        });
    stale_ = links.interrupted || addresses.interrupted;
  }
  return found;
}

}  // namespace reuseport
