#include "table_reader.h"

#include <cerrno>

#include "common/namespaces.h"

namespace reuseport {
namespace {

// One pass over the table. Attempt 0 lists only listeners.
using Pass = std::function<DumpEnd(std::uint32_t attempt)>;

// `listeners_only`: starts with a dump of listeners only, which is enough if they are unchanged.
void read_passes(SocketSlots& slots, SocketTable& table, bool listeners_only, const Pass& pass,
                 TableReadResult& result) {
  bool first = table.never_read();
  for (std::uint32_t attempt = listeners_only ? 0 : 1; attempt <= kMaxPasses; attempt++) {
    table.begin_pass(attempt > 0);
    PassResult seen;
    try {
      const DumpEnd end = pass(attempt);
      result.passes++;
      first |= table.never_read();  // the source has changed
      seen = table.end_pass(slots, end, attempt);
    } catch (const SystemError& error) {
      table.abandon_pass(slots);
      if (error.error == ENOBUFS && attempt < kMaxPasses) continue;
      throw;
    }
    // A dump that repeats some sockets may have skipped others; and what a first dump skipped is unknown.
    const bool retry = seen.missed > 0 || seen.doubtful > 0 || (attempt <= 1 && seen.duplicates > 0) ||
                       (first && seen.added > 0 && !seen.whole);
    if (!retry) return;
  }
  result.unsettled = true;
}

void read_over_sock_diag(SocketSlots& slots, SocketTable& table, NetlinkConnection& connection, bool memory, bool bound,
                         TableReadResult& result) {
  const bool listeners_only = !bound && table.kind() == SocketTableKind::tcp && table.unchanged() &&
                              table.source() == SocketTable::Source::sock_diag;
  read_passes(
      slots, table, listeners_only,
      [&](std::uint32_t attempt) {
        const DumpRequest request{.memory = memory, .bound = attempt > 0, .widen = attempt > 0 ? attempt - 1 : 0};
        const DumpEnd end = connection.dump(build_dump(table.kind(), request), dump_operation(table.kind()),
                                            [&](const Message& message, std::uint32_t batch) {
                                              table.set_source(slots, SocketTable::Source::sock_diag);
                                              table.observe(slots, message, batch);
                                            });
        table.set_source(slots, SocketTable::Source::sock_diag);
        return end;
      },
      result);
}

void read_proc_net(SocketSlots& slots, SocketTable& table, const TableSources& sources, TableReadResult& result) {
  const TableSources::ProcPass read = sources.proc_net(table.kind());
  table.set_source(slots, SocketTable::Source::proc_net);
  read_passes(
      slots, table, false,
      [&](std::uint32_t) {
        return read([&](SocketRow& socket, std::uint32_t batch) { table.observe(slots, socket, batch); });
      },
      result);
}

}  // namespace

TableReadResult read_table(SocketSlots& slots, SocketTable& table, const TableSources& sources, SockDiagTables& present,
                           SockDiagTables::Clock::time_point now, bool memory, bool bound) {
  TableReadResult result;
  if (present.worth_trying(table.kind(), now)) {
    try {
      read_over_sock_diag(slots, table, sources.sock_diag(), memory, bound, result);
      present.set_present(table.kind());
      return result;
    } catch (const SystemError& error) {
      if (!means_no_sock_diag(error.error)) {
        result.failure = error;
        return result;
      }
      present.set_missing(table.kind(), error, now);
    }
  }
  try {
    read_proc_net(slots, table, sources, result);
  } catch (const SystemError& error) {
    result.failure = error;
  }
  return result;
}

}  // namespace reuseport
