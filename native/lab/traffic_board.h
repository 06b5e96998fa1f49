// Memory shared by a traffic process and the supervisor.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "counters.h"
#include "protocol.h"

namespace reuseport::lab {

// Nanoseconds of the steady clock, the same in every process.
inline std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

struct TrafficState {
  std::atomic<std::int64_t> started_ns, ended_ns;  // 0: not yet
  std::atomic<std::uint32_t> recorded;             // entries reserved in the latencies
  std::atomic<bool> stop;                          // an orderly end was requested
};

struct TrafficBoard {
  explicit TrafficBoard(const TrafficPlan& plan) : state(1), counts(plan.threads), latencies(plan.count) {}

  // Thread-safe. Rounds up, since 0 means "not written yet".
  void record(std::int64_t nanoseconds) const {
    const auto place = state[0].recorded.fetch_add(1, std::memory_order_relaxed);
    if (place >= latencies.size()) return;
    const auto microseconds = std::clamp<std::int64_t>((nanoseconds + 999) / 1000, 1, UINT32_MAX);
    latencies[place].store(static_cast<std::uint32_t>(microseconds), std::memory_order_relaxed);
  }

  SharedArray<TrafficState> state;
  SharedArray<TrafficCounts> counts;
  SharedArray<std::atomic<std::uint32_t>> latencies;
};

}  // namespace reuseport::lab
