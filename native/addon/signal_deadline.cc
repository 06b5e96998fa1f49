#include "signal_deadline.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

#include "common/system_error.h"

namespace reuseport {
namespace {

struct Handled {
  int number;
  struct sigaction before;
};
std::array<Handled, 2> handled{{{SIGINT, {}}, {SIGTERM, {}}}};
std::atomic<int> signal_event = -1;  // an eventfd

void handle(int number, siginfo_t* info, void* context) {
  for (const auto& [own, before] : handled) {
    if (own != number) continue;
    if ((before.sa_flags & SA_SIGINFO) != 0) before.sa_sigaction(number, info, context);
    else before.sa_handler(number);
  }
  // Last: on a busy machine the time may be up before this thread runs again.
  const int error = errno;
  ::eventfd_write(signal_event, 1);
  errno = error;
}

bool is_handled(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

// Starts a thread that no signal interrupts.
void start_deadline(int descriptor, std::chrono::milliseconds grace_period, int status) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([=] {
      eventfd_t count = 0;
      while (::eventfd_read(descriptor, &count) < 0) continue;
      std::this_thread::sleep_for(grace_period);
      ::_exit(status);
    }).detach();
  } catch (const std::system_error& error) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw SystemError("start a thread", error.code().value());
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

void end_after_signal(std::chrono::milliseconds grace_period, int status) {
  if (signal_event >= 0) return;
  const int descriptor = ::eventfd(0, EFD_CLOEXEC);
  if (descriptor < 0) throw SystemError("eventfd", errno);
  start_deadline(descriptor, grace_period, status);
  signal_event = descriptor;  // never closed
  for (auto& [number, before] : handled) {
    if (::sigaction(number, nullptr, &before) < 0 || !is_handled(before)) continue;
    struct sigaction action = before;
    action.sa_flags |= SA_SIGINFO;
    action.sa_sigaction = handle;
    if (::sigaction(number, &action, nullptr) < 0) throw SystemError("sigaction", errno);
  }
}

}  // namespace reuseport
