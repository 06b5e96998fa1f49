// Child processes of a test, with channels to them, so that the test knows the ground truth.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include "common/unique_fd.h"

namespace reuseport::test {

// Returns the result of a system call, or throws its errno.
template <typename Value>
Value must(Value value, const char* what) {
  if (value < 0) throw std::system_error(errno, std::generic_category(), what);
  return value;
}

// One end of a pair of pipes: sends and receives plain values.
class Channel {
 public:
  Channel() = default;
  Channel(UniqueFd in, UniqueFd out) : in_(std::move(in)), out_(std::move(out)) {}

  template <typename Value>
  void send(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    must(::write(out_.get(), &value, sizeof value), "write to the other process");
  }

  // Waits for a value; throws if the other process has ended without sending one.
  template <typename Value>
  Value receive() {
    static_assert(std::is_trivially_copyable_v<Value>);
    Value value{};
    auto* bytes = reinterpret_cast<char*>(&value);
    for (std::size_t got = 0; got < sizeof value;) {
      const auto count = must(::read(in_.get(), bytes + got, sizeof value - got), "read from the other process");
      if (count == 0) throw std::runtime_error("the other process ended without an answer");
      got += static_cast<std::size_t>(count);
    }
    return value;
  }

  static std::pair<Channel, Channel> pair() {
    int there[2];
    int back[2];
    must(::pipe2(there, O_CLOEXEC), "pipe2");
    must(::pipe2(back, O_CLOEXEC), "pipe2");
    return {Channel(UniqueFd(back[0]), UniqueFd(there[1])), Channel(UniqueFd(there[0]), UniqueFd(back[1]))};
  }

 private:
  UniqueFd in_;
  UniqueFd out_;
};

// A forked process that runs `body(channel)` and then ends. Killed and reaped when this goes out of scope, and killed
// by the kernel when the test dies first.
class Child {
 public:
  template <typename Body>
  explicit Child(Body&& body) {
    auto [ours, theirs] = Channel::pair();
    const pid_t parent = ::getpid();
    pid_ = must(::fork(), "fork");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      // In another PID namespace the parent has no pid.
      if (::getppid() != parent && ::getppid() != 0) ::_exit(1);
      ours = Channel();
      try {
        body(theirs);
        ::_exit(0);
      } catch (const std::exception& error) {
        ::dprintf(2, "child: %s\n", error.what());
        ::_exit(1);
      }
    }
    channel = std::move(ours);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  pid_t pid() const { return pid_; }

  // Kills and reaps it.
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

  // Waits for it to exit; returns the status of waitpid(2).
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = -1;
    return status;
  }

  Channel channel;

 private:
  pid_t pid_ = -1;
};

// Drops root permanently, as a worker does. Afterwards its own user can inspect the process.
inline void become_nobody() {
  must(::setgid(65534), "setgid");
  must(::setuid(65534), "setuid");
  must(::prctl(PR_SET_DUMPABLE, 1), "prctl");
}

inline bool is_root() { return ::geteuid() == 0; }

}  // namespace reuseport::test
