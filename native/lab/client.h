// The threads of a traffic process.
#pragma once

#include <chrono>
#include <cstdint>

#include "endpoint.h"
#include "pacer.h"
#include "protocol.h"
#include "traffic_board.h"

namespace reuseport::lab {

// What one thread has to do, and where it counts.
struct ClientFrame {
  ClientFrame(const TrafficPlan& the_plan, const Endpoint& the_target, const TrafficBoard& the_board, unsigned number,
              unsigned descriptors);

  bool told_to_stop() const { return board.state[0].stop.load(std::memory_order_relaxed); }
  // The address that number `of_thread` of this thread comes from: towards loopback one of many, shares of all threads
  // interleave; else the target's own. An address that leaves this machine cannot be sent from, so nothing follows it.
  Endpoint source(std::uint64_t of_thread) const;
  // Milliseconds to sleep until `then`, at most 20: told_to_stop() is asked that often.
  static int sleep_until(std::int64_t then, std::int64_t now);

  const TrafficPlan& plan;
  const Endpoint& target;
  const TrafficBoard& board;
  TrafficCounts& counts;
  const unsigned thread;
  const std::uint64_t share;         // of the count
  const unsigned descriptors;        // that this thread may open
  const std::int64_t start, end;     // on now_ns()
  const std::int64_t timeout;        // nanoseconds
  const Pacer pacer;
};

// Does its share, and returns when nothing is on its way any more, or at the plan's end: what then still is has timed
// out.
void run_tcp_client(const ClientFrame& frame);
void run_udp_client(const ClientFrame& frame);

}  // namespace reuseport::lab
