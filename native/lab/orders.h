// What the supervisor tells a worker process to do, one order at a time, and what is reported back.
#pragma once

#include <chrono>
#include <cstdint>

#include "listeners.h"
#include "protocol.h"
#include "unique_fd.h"

namespace reuseport::lab {

struct Order {
  enum class Kind : std::uint8_t {
    open,       // a listener of its own for worker and member `index`
    share,      // worker `index` on the listener that was inherited
    take_over,  // worker `index`, which is handed connections
    dispatch,   // the thread that accepts and hands on
    steer,      // give the group the plan's program for `members` members
    rest,       // worker `index` stops taking
    resume,     // it goes on as the plan says
    close,      // it lets go of its listener
  };
  Kind kind;
  unsigned index = 0;
  std::uint16_t port = 0;
  MemberSharing sharing{};
  unsigned members = 0;
  unsigned steered_to = 0;
};

// The index of the dispatching thread, which is no worker.
inline constexpr unsigned kDispatcher = ~0u;

struct Report {
  int error = 0;  // and then `call` and `at`, as in LabError
  char call[48] = {};
  char at[48] = {};
  MemberFacts facts;  // of `open`

  static Report of(const LabError& failure);
};

// One end each, of a socket whose other end is closed when its process ends.
class OrderChannel {
 public:
  struct Pair;
  // Throws LabError.
  static Pair make();

  OrderChannel() = default;
  explicit OrderChannel(UniqueFd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

  // The supervisor's side. Waits for the report. Throws what went wrong there, ESRCH where the process has ended, and
  // ETIMEDOUT where it says nothing for ten seconds (it may be stopped).
  MemberFacts give(const Order& order);
  // The report that a process makes when it begins.
  MemberFacts first_report();

  // The worker process's side. False at the supervisor's end.
  bool next(Order& order);
  void report(const Report& report);

 private:
  UniqueFd fd_;
};

struct OrderChannel::Pair {
  OrderChannel supervisor;
  OrderChannel worker;
};

}  // namespace reuseport::lab
