// Traffic at a lab: a process of its own, seen from the supervisor.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lab.h"
#include "port_guard.h"
#include "traffic_board.h"

namespace reuseport::lab {

struct TrafficTotals {
  std::uint64_t sent = 0, done = 0, refused = 0, resets = 0, timeouts = 0, other_errors = 0, moved = 0;
};

class Traffic {
 public:
  // Begins to send to the lab's own endpoint. Throws LabError: EINVAL for an exchange that the protocol has not, EMFILE
  // for more held connections than descriptors, and what PortGuard::require_own() refuses. `lab` outlives it.
  Traffic(const TrafficPlan& plan, const Lab& lab);
  // Kills it where it still runs.
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // Tells it to end in order, and waits until it has.
  void stop();
  // Ends it at once. What was on its way is not counted as ended.
  void kill();
  // Ends it at once where a socket that is not the lab's has come to where the lab's are. Looks at most as often as
  // milliseconds_left() asks for.
  void guard();
  // Until guard() is to be called.
  int milliseconds_left() const;
  // The cookie of the socket that it was ended for.
  std::optional<std::uint64_t> stranger() const { return stranger_; }
  // True where it was this one's process that ended.
  bool process_ended(pid_t pid, int status);

  const TrafficPlan& plan() const { return plan_; }
  pid_t pid() const { return pid_; }
  bool running() const { return running_; }
  bool failed() const { return failed_; }  // it ended before its work did
  std::chrono::system_clock::time_point started_at() const { return started_at_; }
  std::chrono::system_clock::time_point ended_at() const { return ended_at_; }
  std::chrono::microseconds elapsed() const;
  TrafficTotals totals() const;
  std::uint32_t samples() const;
  // Microseconds of timed exchanges from number `from` on, as many as there are and fit a piece.
  std::vector<std::uint32_t> latencies(std::size_t from) const;

 private:
  void ended(int status);

  const TrafficPlan plan_;
  TrafficBoard board_;
  PortGuard guard_;
  std::chrono::steady_clock::time_point guarded_at_ = std::chrono::steady_clock::now();
  std::optional<std::uint64_t> stranger_;
  pid_t pid_ = -1;
  bool running_ = true;
  bool failed_ = false;
  std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now(), ended_at_{};
};

}  // namespace reuseport::lab
