// Updates one table of sockets, over sock_diag or from /proc/net if the kernel has no sock_diag for it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "common/netlink.h"
#include "common/sock_diag.h"
#include "common/system_error.h"
#include "socket_table.h"

namespace reuseport {

// Which tables the kernel's sock_diag supports: this depends on modules and is the same in every namespace. A missing
// one is retried from time to time, since a module can be loaded at any time.
class SockDiagTables {
 public:
  using Clock = std::chrono::steady_clock;
  // Each attempt makes the kernel run modprobe (sock_load_diag_module()).
  static constexpr std::chrono::seconds kRetryAfter{5};

  bool worth_trying(SocketTableKind kind, Clock::time_point now) const {
    const Table& table = tables_[index(kind)];
    return !table.missing || now >= table.retry_at;
  }
  void set_present(SocketTableKind kind) { tables_[index(kind)].missing.reset(); }
  void set_missing(SocketTableKind kind, const SystemError& error, Clock::time_point now) {
    tables_[index(kind)] = {error, now + kRetryAfter};
  }
  // The kernel's error if the table is missing.
  const std::optional<SystemError>& missing(SocketTableKind kind) const { return tables_[index(kind)].missing; }

 private:
  struct Table {
    std::optional<SystemError> missing;
    Clock::time_point retry_at{};
  };
  static std::size_t index(SocketTableKind kind) { return static_cast<std::size_t>(kind); }

  std::array<Table, kSocketTables.size()> tables_;
};

// The two sources of one namespace. Both throw SystemError.
struct TableSources {
  // The sock_diag connection; the same one on each call.
  std::function<NetlinkConnection&()> sock_diag;
  // Opens /proc/net there and returns a function that reads one pass of it.
  using ProcPass = std::function<DumpEnd(const std::function<void(SocketRow&, std::uint32_t batch)>&)>;
  std::function<ProcPass(SocketTableKind)> proc_net;
};

struct TableReadResult {
  std::uint32_t passes = 0;                 // dumps made
  bool unsettled = false;                   // some sockets are still in doubt after kMaxPasses
  std::optional<SystemError> failure = {};  // the table could not be read; its sockets stay as last seen
};

// Maximum number of dumps of one table per refresh, after one that lists only listeners.
inline constexpr std::uint32_t kMaxPasses = 5;

// Reads until nothing is in doubt, at most kMaxPasses times. `memory` and `bound` as for Reader::refresh(); `now` is
// the same for the whole refresh, so that a table is read from one source in all namespaces.
TableReadResult read_table(SocketSlots& slots, SocketTable& table, const TableSources& sources, SockDiagTables& present,
                           SockDiagTables::Clock::time_point now, bool memory, bool bound);

}  // namespace reuseport
