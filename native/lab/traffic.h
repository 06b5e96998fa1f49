// Traffic to a lab: the supervisor's view of the traffic process.
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
  // Starts sending to the lab's own endpoint. Throws LabError: EINVAL for an exchange that the protocol does not
  // support, EMFILE for more held connections than descriptors, and as PortGuard::require_own(). `lab` must outlive it.
  Traffic(const TrafficPlan& plan, const Lab& lab);
  // Kills the process if it is still running.
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  // Requests an orderly end, and waits for it.
  void stop();
  // Kills it at once. Exchanges in flight are not counted as ended.
  void kill();
  // Kills it if a foreign socket was bound where the lab's are. Checks no more often than milliseconds_left() says.
  void guard();
  // Until the next call of guard() is due.
  int milliseconds_left() const;
  // The cookie of the foreign socket that it was killed for.
  std::optional<std::uint64_t> foreign_socket() const { return foreign_socket_; }
  // True if it was this traffic's process.
  bool process_ended(pid_t pid, int status);

  const TrafficPlan& plan() const { return plan_; }
  pid_t pid() const { return pid_; }
  bool running() const { return running_; }
  bool failed() const { return failed_; }  // it was killed, or exited with an error
  std::chrono::system_clock::time_point started_at() const { return started_at_; }
  std::chrono::system_clock::time_point ended_at() const { return ended_at_; }
  std::chrono::microseconds elapsed() const;
  TrafficTotals totals() const;
  std::uint32_t samples() const;
  // Microseconds of timed exchanges from number `from`, as many as are available, at most one chunk.
  std::vector<std::uint32_t> latencies(std::size_t from) const;

 private:
  void ended(int status);

  const TrafficPlan plan_;
  TrafficBoard board_;
  PortGuard guard_;
  std::chrono::steady_clock::time_point guarded_at_ = std::chrono::steady_clock::now();
  std::optional<std::uint64_t> foreign_socket_;
  pid_t pid_ = -1;
  bool running_ = true;
  bool failed_ = false;
  std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now(), ended_at_{};
};

}  // namespace reuseport::lab
