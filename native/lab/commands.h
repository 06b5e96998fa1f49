// Commands from the supervisor to a worker process, one at a time, and the reports in reply.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/unique_fd.h"
#include "listeners.h"
#include "protocol.h"

namespace reuseport::lab {

struct Command {
  enum class Kind : std::uint8_t {
    open,      // a separate listener for worker and member `index`
    share,     // worker `index` on the inherited listener
    receive,   // worker `index`, which receives connections from the dispatcher
    dispatch,  // the thread that accepts and hands off
    steer,     // attach the program for `steering` over `members` members to the group
    put,       // put the listener of worker `index` under `key` of the array of sockets
    pause,     // worker `index` stops accepting
    resume,    // worker `index` continues as planned
    close,     // worker `index` closes its listener
  };
  Kind kind;
  unsigned index = 0;
  std::uint16_t port = 0;
  MemberSharing sharing{};
  unsigned members = 0;
  Steering steering = Steering::hash;
  unsigned steer_to = 0;
  std::uint32_t key = 0;
};

// The index of the dispatcher thread, which is not a worker.
inline constexpr unsigned kDispatcher = ~0u;

struct Report {
  int error = 0;  // with `call` and `at` as in LabError; 0 for success
  char call[48] = {};
  char at[48] = {};
  MemberFacts facts;  // of `open`

  static Report of(const LabError& failure);
};

// One end of a socket pair; the other end closes when its process ends.
class CommandChannel {
 public:
  struct Pair;
  // Throws LabError.
  static Pair make();

  CommandChannel() = default;
  explicit CommandChannel(UniqueFd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

  // Supervisor side. Waits for the report. Throws the reported LabError, ESRCH if the process has ended, and ETIMEDOUT
  // if it does not report for ten seconds (it may be stopped).
  MemberFacts execute(const Command& command);
  // Waits for the next report; a process sends one when it starts.
  MemberFacts wait_report();

  // Worker process side. False if the supervisor has ended.
  bool next(Command& command);
  void report(const Report& report);

 private:
  UniqueFd fd_;
};

struct CommandChannel::Pair {
  CommandChannel supervisor;
  CommandChannel worker;
};

}  // namespace reuseport::lab
