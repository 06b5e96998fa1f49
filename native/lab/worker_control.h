// The state that a worker's thread should be in, and whether it is in it yet.
#pragma once

#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "common/unique_fd.h"
#include "protocol.h"

namespace reuseport::lab {

// Wakes every event loop of one process: each polls it edge-triggered (EPOLLET) and never reads it, so one write is an
// event for all of them.
class Wake {
 public:
  // Throws LabError.
  Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw LabError("eventfd", errno);
  }
  int fd() const { return fd_.get(); }
  void notify_all() const { ::eventfd_write(fd_.get(), 1); }

 private:
  UniqueFd fd_;
};

enum class WorkerState : std::uint8_t { accepting, paused, closed };

// Used by two threads: one sets the state, the worker applies it.
class WorkerControl {
 public:
  explicit WorkerControl(WorkerState first) : target_(first) {}

  // Returns once the worker has applied it: it accepts nothing more (paused), or has released its listener (closed).
  void set(WorkerState target, const Wake& wake) {
    std::unique_lock lock(mutex_);
    target_.store(target, std::memory_order_relaxed);
    changed_.notify_all();
    wake.notify_all();
    changed_.wait(lock, [&] { return applied_ == target; });
  }

  WorkerState target() const { return target_.load(std::memory_order_relaxed); }

  // Called by the worker once it is in `state`.
  void set_applied(WorkerState state) {
    const std::lock_guard lock(mutex_);
    applied_ = state;
    changed_.notify_all();
  }

  // Sleeps for `duration`, or until the target differs from `now`.
  void pause(WorkerState now, std::chrono::microseconds duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, duration, [&] { return target() != now; });
  }
  void wait_for_change(WorkerState now) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return target() != now; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<WorkerState> target_;
  WorkerState applied_ = WorkerState::paused;
};

}  // namespace reuseport::lab
