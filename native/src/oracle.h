// The steering oracle: which socket the kernel's own lookup picks for a client.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "netlink.h"
#include "sock_diag.h"

namespace reuseport {

// One entry a remote, in their order.
struct ProbeAnswers {
  std::vector<std::uint64_t> cookies;  // of the socket that receives; 0 where none does
  std::vector<std::uint8_t> states;    // of the socket that answered, as State; 0 for none, 255 for a connection
  std::vector<std::int32_t> errors;    // 0, or the errno where the kernel answered anything else but "none" (ENOENT)
};

// Asks by a sock_diag get without a cookie, which runs the lookup that an arriving packet would go through, hash and
// all (inet_diag_find_one_icsk() in net/ipv4/inet_diag.c, udp_dump_one() in net/ipv4/udp_diag.c). Needs no rights. It
// does not run a BPF program that is attached to the group. A connection with the very same addresses answers before
// the listener does: its cookie is left out and its state is told.
class Oracle {
 public:
  explicit Oracle(std::unique_ptr<Kernel> kernel) : connection_(std::move(kernel)) {}

  // Probes all remotes. Throws SystemError where the kernel cannot be asked. Any thread may call it.
  ProbeAnswers probe(const ProbeTarget& target, std::span<const Remote> remotes);

  // The same, with the remotes shared out over the CPUs that this thread may run on: the lookup prefers members whose
  // SO_INCOMING_CPU is the CPU it runs on, so that such a group shows only one of them from any one CPU.
  ProbeAnswers probe_from_every_cpu(const ProbeTarget& target, std::span<const Remote> remotes);

 private:
  std::mutex mutex_;
  Connection connection_;
};

}  // namespace reuseport
