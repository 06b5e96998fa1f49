// The kernel lookup: which socket the kernel picks for a made-up client.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "netlink.h"
#include "sock_diag.h"

namespace reuseport {

// One entry per remote, in the same order.
struct ProbeAnswers {
  std::vector<std::uint64_t> cookies;  // of the socket that receives; 0 for none
  std::vector<std::uint8_t> states;    // of the socket found, as State; 0 for none, 255 for a connection
  std::vector<std::int32_t> errors;    // 0, or the errno of any error but "none" (ENOENT)
};

// A sock_diag get without a cookie runs the same lookup, including the hash, as an arriving packet
// (inet_diag_find_one_icsk() in net/ipv4/inet_diag.c, udp_dump_one() in net/ipv4/udp_diag.c). Needs no permissions.
// Does not run a BPF program attached to the group. A connection with exactly these addresses is found before the
// listener: its state is given, but not its cookie.
class KernelLookup {
 public:
  explicit KernelLookup(std::unique_ptr<NetlinkTransport> transport) : connection_(std::move(transport)) {}

  // Probes all remotes. Throws SystemError if the request fails. Thread-safe.
  ProbeAnswers probe(const ProbeTarget& target, std::span<const Remote> remotes);

  // The same, with the remotes distributed over the CPUs that this thread may run on: the lookup prefers members whose
  // SO_INCOMING_CPU is the CPU it runs on, so a single CPU would find only one member of such a group.
  ProbeAnswers probe_from_every_cpu(const ProbeTarget& target, std::span<const Remote> remotes);

 private:
  std::mutex mutex_;
  NetlinkConnection connection_;
};

}  // namespace reuseport
