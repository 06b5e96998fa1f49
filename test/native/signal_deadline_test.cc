#include "addon/signal_deadline.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/child.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

int notify_fd = -1;

void notify(int) { static_cast<void>(!::write(notify_fd, "!", 1)); }

}  // namespace

TEST_CASE("a blocked process ends after the signal, and its own handler ran") {
  for (const int number : {SIGINT, SIGTERM}) {
    CAPTURE(number);
    int pipe[2];
    must(::pipe2(pipe, O_CLOEXEC), "pipe2");
    const UniqueFd in(pipe[0]);
    UniqueFd out(pipe[1]);
    const pid_t child = must(::fork(), "fork");
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      notify_fd = out.get();
      ::signal(number, notify);
      end_after_signal(std::chrono::milliseconds(10), 7);
      notify(0);
      for (;;) ::pause();
    }
    out.reset();
    char byte = 0;
    CHECK(::read(in.get(), &byte, 1) == 1);
    must(::kill(child, number), "kill");
    CHECK(::read(in.get(), &byte, 1) == 1);
    int status = 0;
    must(::waitpid(child, &status, 0), "waitpid");
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
  }
}
