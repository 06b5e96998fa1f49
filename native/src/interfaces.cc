#include "interfaces.h"

#include <array>
#include <cerrno>
#include <utility>

namespace reuseport {
namespace {

// A dump during which an interface comes or goes may lack others; the kernel marks it (NLM_F_DUMP_INTR).
constexpr int kMaxAttempts = 3;
// Events taken at one time, at most. What is left of a storm makes the next call read again.
constexpr int kMaxEvents = 256;

}  // namespace

InterfaceWatch::InterfaceWatch(std::unique_ptr<Kernel> requests, std::unique_ptr<Kernel> events)
    : requests_(std::move(requests)), events_(std::move(events)) {}

// True where at least one event was queued, or lost for want of room (ENOBUFS).
bool InterfaceWatch::take_events() {
  bool some = false;
  for (int taken = 0; taken < kMaxEvents; taken++) {
    // What it says does not matter, so the rest of it is cut off.
    std::array<std::byte, sizeof(nlmsghdr)> buffer;
    Kernel::Received received;
    const int error = events_->receive(buffer, false, received);
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    if (error != 0 && error != ENOBUFS) throw SystemError("receive interface events", error);
    some = some || error == ENOBUFS || received.from_port == 0;
  }
  return some;
}

std::optional<Interfaces> InterfaceWatch::read_if_changed() {
  // Before the dump: a change while it runs is read again at the next call.
  if (take_events()) stale_ = true;
  if (!stale_) return std::nullopt;
  Interfaces found;
  for (int attempt = 0; stale_ && attempt < kMaxAttempts; attempt++) {
    found = {};
    const DumpEnd links = requests_.dump(build_link_dump(), "dump network interfaces", [&](const Message& message, auto) {
      if (auto link = parse_link(message)) found.links.push_back(std::move(*link));
    });
    const DumpEnd addresses = requests_.dump(build_address_dump(), "dump interface addresses", [&](const Message& message, auto) {
      if (const auto address = parse_address(message)) found.addresses.push_back(*address);
    });
    stale_ = links.interrupted || addresses.interrupted;
  }
  return found;
}

}  // namespace reuseport
