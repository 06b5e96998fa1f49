#include "lab/handover.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>

using namespace reuseport;
using namespace reuseport::lab;

namespace {

ino_t inode(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

UniqueFd connection() { return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace

TEST_CASE("a connection goes over as itself, within a process and to another") {
  for (const bool same_process : {true, false}) {
    CAPTURE(same_process);
    const Handover way = make_handover(same_process);
    CHECK(!take_over(way.worker.get()));  // nothing yet, and no waiting
    UniqueFd sent = connection();
    const ino_t which = inode(sent.get());
    REQUIRE(hand_over(way.dispatcher.get(), sent) == Handed::over);
    CHECK(!sent);
    const UniqueFd taken = take_over(way.worker.get());
    REQUIRE(taken);
    CHECK(inode(taken.get()) == which);
    CHECK((::fcntl(taken.get(), F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("a full queue is told from a worker that is gone, and the connection stays") {
  std::signal(SIGPIPE, SIG_IGN);
  for (const bool same_process : {true, false}) {
    CAPTURE(same_process);
    Handover way = make_handover(same_process);
    Handed handed = Handed::over;
    UniqueFd sent;
    unsigned over = 0;
    // A pipe holds 16,384 numbers: one descriptor goes over again and again, as nobody closes it.
    const UniqueFd one = connection();
    for (; handed == Handed::over && over < 100'000; over++) {
      sent.reset(same_process ? one.get() : ::dup(one.get()));
      handed = hand_over(way.dispatcher.get(), sent);
    }
    CHECK(handed == Handed::later);
    CHECK(sent);
    if (same_process) static_cast<void>(sent.release());
    while (true) {
      UniqueFd next = take_over(way.worker.get());
      if (!next) break;
      if (same_process) static_cast<void>(next.release());
    }
    way.worker.reset();
    UniqueFd last = connection();
    CHECK(hand_over(way.dispatcher.get(), last) == Handed::never);
    CHECK(last);
  }
  std::signal(SIGPIPE, SIG_DFL);
}
