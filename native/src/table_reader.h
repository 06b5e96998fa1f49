// Brings one table of sockets up to date: over sock_diag, or with what /proc/net tells where the kernel has no sock_diag
// for it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "netlink.h"
#include "sock_diag.h"
#include "socket_table.h"
#include "system_error.h"

namespace reuseport {

// Which tables the kernel's sock_diag answers for: a matter of modules, the same in every namespace. One that is missing
// is asked for again now and then, for it may be loaded at any time.
class SockDiagTables {
 public:
  using Clock = std::chrono::steady_clock;
  // Each question makes the kernel run modprobe (sock_load_diag_module()).
  static constexpr std::chrono::seconds kAskAgainAfter{5};

  bool worth_asking(SocketTableKind kind, Clock::time_point now) const {
    const Table& table = tables_[index(kind)];
    return !table.missing || now >= table.ask_again;
  }
  void set_present(SocketTableKind kind) { tables_[index(kind)].missing.reset(); }
  void set_missing(SocketTableKind kind, const SystemError& answer, Clock::time_point now) {
    tables_[index(kind)] = {answer, now + kAskAgainAfter};
  }
  // The kernel's answer where the table is missing.
  const std::optional<SystemError>& missing(SocketTableKind kind) const { return tables_[index(kind)].missing; }

 private:
  struct Table {
    std::optional<SystemError> missing;
    Clock::time_point ask_again{};
  };
  static std::size_t index(SocketTableKind kind) { return static_cast<std::size_t>(kind); }

  std::array<Table, kSocketTables.size()> tables_;
};

// One namespace's two sources. Both throw SystemError.
struct TableSources {
  // Its sock_diag connection; the same one at each call.
  std::function<Connection&()> sock_diag;
  // Opens /proc/net there and gives what reads one pass of it.
  using ProcPass = std::function<DumpEnd(const std::function<void(SocketRow&, std::uint32_t batch)>&)>;
  std::function<ProcPass(SocketTableKind)> proc_net;
};

struct TableReading {
  std::uint32_t passes = 0;               // dumps made
  bool unsettled = false;                 // some socket is still in doubt after kMostPasses
  std::optional<SystemError> failure = {};  // the table could not be read; its sockets are kept as last seen
};

// Dumps of one table in one refresh, at most, behind one of the listeners alone.
inline constexpr std::uint32_t kMostPasses = 5;

// Reads until nothing is in doubt, within a bound. `memory` and `bound` as for Reader::refresh(); `now` is one moment for
// the whole refresh, so that a table comes from one source in all namespaces.
TableReading read_table(SocketSlots& slots, SocketTable& table, const TableSources& sources, SockDiagTables& present,
                        SockDiagTables::Clock::time_point now, bool memory, bool bound);

}  // namespace reuseport
