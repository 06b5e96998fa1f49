#include "client.h"

#include <algorithm>
#include <optional>

namespace reuseport::lab {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// The share of `all` for `thread`, of `threads`.
std::uint64_t share_of(std::uint64_t all, unsigned threads, unsigned thread) {
  return all / threads + (thread < all % threads ? 1 : 0);
}

std::optional<double> rate_of(const TrafficPlan& plan) {
  if (!plan.rate) return {};
  return *plan.rate / plan.threads;
}

}  // namespace

ClientContext::ClientContext(const TrafficPlan& the_plan, const Endpoint& the_target, const TrafficBoard& the_board,
                             unsigned number, unsigned may_open)
    : plan(the_plan),
      target(the_target),
      board(the_board),
      counts(the_board.counts[number]),
      thread(number),
      share(share_of(the_plan.count, the_plan.threads, number)),
      descriptors(may_open),
      start(now_ns()),
      end(start + static_cast<std::int64_t>(the_plan.seconds * 1e9)),
      timeout(the_plan.timeout_ms * kMillisecond),
      pacer(rate_of(the_plan), share, start) {}

Endpoint ClientContext::source(std::uint64_t of_thread) const {
  if (!target.loopback_ipv4()) return target.with_port(0);
  return Endpoint::loopback_source(static_cast<unsigned>((of_thread * plan.threads + thread) % plan.sources));
}

int ClientContext::sleep_until(std::int64_t then, std::int64_t now) {
  return static_cast<int>(std::clamp<std::int64_t>((then - now + kMillisecond - 1) / kMillisecond, 0, 20));
}

}  // namespace reuseport::lab
