// What a worker's thread was told to do, and whether it does it yet.
#pragma once

#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "protocol.h"
#include "unique_fd.h"

namespace reuseport::lab {

// Wakes every loop of one process: each watches it edge-triggered (EPOLLET) and never reads it, so one write is an event
// for all of them.
class Wake {
 public:
  // Throws LabError.
  Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw LabError("eventfd", errno);
  }
  int fd() const { return fd_.get(); }
  void all() const { ::eventfd_write(fd_.get(), 1); }

 private:
  UniqueFd fd_;
};

enum class Doing : std::uint8_t { taking, resting, closed };

// One thread commands, one obeys.
class Command {
 public:
  explicit Command(Doing first) : wanted_(first) {}

  // Returns when the worker does it: after that it takes nothing more (resting), or has let go of its listener (closed).
  void give(Doing wanted, const Wake& wake) {
    std::unique_lock lock(mutex_);
    wanted_.store(wanted, std::memory_order_relaxed);
    changed_.notify_all();
    wake.all();
    changed_.wait(lock, [&] { return done_ == wanted; });
  }

  Doing wanted() const { return wanted_.load(std::memory_order_relaxed); }

  // The worker does `what` now.
  void obeyed(Doing what) {
    const std::lock_guard lock(mutex_);
    done_ = what;
    changed_.notify_all();
  }

  // Sleeps until something other than `now` is wanted, or for so long.
  void pause(Doing now, std::chrono::microseconds duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, duration, [&] { return wanted() != now; });
  }
  void wait_for_other_than(Doing now) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return wanted() != now; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<Doing> wanted_;
  Doing done_ = Doing::resting;
};

}  // namespace reuseport::lab
