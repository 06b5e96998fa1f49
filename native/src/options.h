// Socket options of other processes' sockets, read through a copy of their descriptor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace reuseport {

// The socket `cookie` (or of this inode_key()), said to be descriptor `fd` of process `pid`.
struct OptionQuery {
  std::uint32_t pid;
  std::uint32_t fd;
  std::uint64_t cookie;
  std::uint32_t inode = 0;  // 0 where it is not known: then MPTCP is not asked
};

enum class OptionStatus : std::uint8_t {
  read,         // the values below are this socket's
  refused,      // EPERM, EACCES: no right to look into that process (ptrace(2), "ptrace access mode")
  gone,         // the process or the descriptor is not there any more
  other,        // the descriptor is something else by now: its cookie differs, or it is no socket
  unavailable,  // the kernel has no pidfd_getfd(2) (before Linux 5.6), or a seccomp filter hides it
  failed,       // anything else: see `error`
};

struct OptionAnswer {
  OptionStatus status = OptionStatus::failed;
  int error = 0;  // the errno behind a status other than read; 0 for `other` by cookie
  bool reuse_port = false;
  bool reuse_addr = false;
  bool defer_accept = false;  // TCP_DEFER_ACCEPT
  std::optional<std::uint32_t> incoming_cpu;  // SO_INCOMING_CPU; absent where it is -1, not set
  std::optional<std::uint32_t> interface = {};  // SO_BINDTOIFINDEX; absent before Linux 5.1
  std::optional<bool> v6only = {};              // IPV6_V6ONLY; absent for IPv4
};

// One answer for each query, in the same order. Put queries of one process side by side: each run of equal pids costs
// one pidfd_open(2). A value is believed only when SO_COOKIE of the copied descriptor is the cookie that was asked
// for (of MPTCP, and where the cookie is not known: its inode), so neither a reused pid nor a reused descriptor number can give a wrong answer. Each copy lives for a few
// microseconds: long enough for an owner that closes the socket just then to see its port still taken.
// Never throws for what a process or the kernel answers.
std::vector<OptionAnswer> read_options(std::span<const OptionQuery> queries);

}  // namespace reuseport
