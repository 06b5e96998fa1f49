// Reads socket options of other processes' sockets through a copy of their descriptor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "records.h"

namespace reuseport {

// The socket `cookie` (or inode_key()), expected at descriptor `fd` of process `pid`.
struct OptionQuery {
  std::uint32_t pid;
  std::uint32_t fd;
  std::uint64_t cookie;
  std::uint32_t inode = 0;  // 0 if unknown: MPTCP is then not recognized
};

enum class OptionStatus : std::uint8_t {
  read,         // the options are valid
  refused,      // EPERM, EACCES: no permission to access that process (ptrace(2), "ptrace access mode")
  gone,         // the process or the descriptor no longer exists
  other,        // the descriptor is now something else: its cookie differs, or it is not a socket
  unavailable,  // no pidfd_getfd(2) (before Linux 5.6), or a seccomp filter blocks it
  failed,       // any other error: see `error`
};

// Options as SocketRow has them: its `options` are the bits.
struct Options {
  std::uint8_t bits = 0;
#define OPTION(type, name, unread) type name = unread;
#include "rows.def"
  // Only for sockets read from /proc/net: others have them from the dump.
  std::optional<std::uint32_t> interface = {};  // SO_BINDTOIFINDEX; absent before Linux 5.1
  std::optional<V6Only> v6only = {};            // IPV6_V6ONLY; absent for IPv4
};

struct OptionAnswer {
  OptionStatus status = OptionStatus::failed;
  int error = 0;  // the errno for a status other than read; 0 if the cookie differs
  Options options = {};
};

// One answer per query, in the same order. Sort queries by process: each run of equal pids costs one pidfd_open(2). A
// value is accepted only if SO_COOKIE of the copied descriptor is the requested cookie (for MPTCP, and if the cookie is
// unknown: the inode), so neither a reused pid nor a reused descriptor number can give a wrong answer. Each copy lives
// for a few microseconds: an owner that closes the socket at that moment may find its port still in use. Failures are
// reported in the answers, never thrown.
std::vector<OptionAnswer> read_options(std::span<const OptionQuery> queries);

}  // namespace reuseport
