#include "table_reader.h"

#include <cerrno>

#include "namespaces.h"

namespace reuseport {
namespace {

// One pass over the table. Attempt 0 looks at the listeners alone.
using Pass = std::function<DumpEnd(std::uint32_t attempt)>;

// `glance`: begins with the listeners alone, which is enough where they are the same ones as the last time.
void read_passes(SocketSlots& slots, SocketTable& table, bool glance, const Pass& pass, TableReading& reading) {
  bool first = table.never_read();
  for (std::uint32_t attempt = glance ? 0 : 1; attempt <= kMostPasses; attempt++) {
    table.begin_pass(attempt > 0);
    PassResult result;
    try {
      const DumpEnd end = pass(attempt);
      reading.passes++;
      first |= table.never_read();  // the source is another one
      result = table.end_pass(slots, end, attempt);
    } catch (const SystemError& error) {
      table.abandon_pass(slots);
      if (error.error == ENOBUFS && attempt < kMostPasses) continue;
      throw;
    }
    // A dump that repeats some sockets may have skipped others; and nothing is known of what a first one skipped.
    const bool again = result.missed > 0 || result.doubtful > 0 || (attempt <= 1 && result.duplicates > 0) ||
                       (first && result.added > 0 && !result.whole);
    if (!again) return;
  }
  reading.unsettled = true;
}

void read_over_sock_diag(SocketSlots& slots, SocketTable& table, Connection& connection, bool memory, bool bound,
                         TableReading& reading) {
  const bool glance = !bound && table.kind() == SocketTableKind::tcp && table.settled() &&
                      table.source() == SocketTable::Source::sock_diag;
  read_passes(
      slots, table, glance,
      [&](std::uint32_t attempt) {
        const DumpRequest request{.memory = memory, .bound = attempt > 0, .widen = attempt > 0 ? attempt - 1 : 0};
        const DumpEnd end = connection.dump(build_dump(table.kind(), request), dump_operation(table.kind()),
                                            [&](const Message& message, std::uint32_t batch) {
                                              table.take_from(slots, SocketTable::Source::sock_diag);
                                              table.observe(slots, message, batch);
                                            });
        table.take_from(slots, SocketTable::Source::sock_diag);
        return end;
      },
      reading);
}

void read_proc_net(SocketSlots& slots, SocketTable& table, const TableSources& sources, TableReading& reading) {
  const TableSources::ProcPass read = sources.proc_net(table.kind());
  table.take_from(slots, SocketTable::Source::proc_net);
  read_passes(
      slots, table, false,
      [&](std::uint32_t) {
        return read([&](SocketRow& socket, std::uint32_t batch) { table.observe(slots, socket, batch); });
      },
      reading);
}

}  // namespace

TableReading read_table(SocketSlots& slots, SocketTable& table, const TableSources& sources, SockDiagTables& present,
                        SockDiagTables::Clock::time_point now, bool memory, bool bound) {
  TableReading reading;
  if (present.worth_asking(table.kind(), now)) {
    try {
      read_over_sock_diag(slots, table, sources.sock_diag(), memory, bound, reading);
      present.set_present(table.kind());
      return reading;
    } catch (const SystemError& error) {
      if (!means_no_sock_diag(error.error)) {
        reading.failure = error;
        return reading;
      }
      present.set_missing(table.kind(), error, now);
    }
  }
  try {
    read_proc_net(slots, table, sources, reading);
  } catch (const SystemError& error) {
    reading.failure = error;
  }
  return reading;
}

}  // namespace reuseport
