// The threads of a traffic process.
#pragma once

#include <chrono>
#include <cstdint>

#include "endpoint.h"
#include "pacer.h"
#include "protocol.h"
#include "traffic_board.h"

namespace reuseport::lab {

// The work of one thread, and its counters.
struct ClientContext {
  ClientContext(const TrafficPlan& the_plan, const Endpoint& the_target, const TrafficBoard& the_board, unsigned number,
                unsigned descriptors);

  bool stop_requested() const { return board.state[0].stop.load(std::memory_order_relaxed); }
  // The source address of this thread's client number `of_thread`: for loopback targets one of many, interleaved over
  // the threads; otherwise the target's own. The target is always local, so no traffic leaves this machine.
  Endpoint source(std::uint64_t of_thread) const;
  // Milliseconds to sleep until `then`, at most 20, so that stop_requested() is checked that often.
  static int sleep_until(std::int64_t then, std::int64_t now);

  const TrafficPlan& plan;
  const Endpoint& target;
  const TrafficBoard& board;
  TrafficCounts& counts;
  const unsigned thread;
  const std::uint64_t share;      // of the plan's count
  const unsigned descriptors;     // how many this thread may open
  const std::int64_t start, end;  // as now_ns()
  const std::int64_t timeout;     // nanoseconds
  const Pacer pacer;
};

// Does this thread's share, and returns when nothing is in flight, or at the plan's end: anything still in flight then
// counts as timed out.
void run_tcp_client(const ClientContext& context);
void run_udp_client(const ClientContext& context);

}  // namespace reuseport::lab
