#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>

#include "lab/handoff.h"

using namespace reuseport;
using namespace reuseport::lab;

namespace {

ino_t inode(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

UniqueFd connection() { return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace

TEST_CASE("a connection is handed off intact, within a process and to another") {
  for (const bool same_process : {true, false}) {
    CAPTURE(same_process);
    const Handoff channel = make_handoff(same_process);
    CHECK(!receive_connection(channel.worker.get()));  // nothing yet, without blocking
    UniqueFd sent = connection();
    const ino_t which = inode(sent.get());
    REQUIRE(send_connection(channel.dispatcher.get(), sent) == HandoffResult::sent);
    CHECK(!sent);
    const UniqueFd taken = receive_connection(channel.worker.get());
    REQUIRE(taken);
    CHECK(inode(taken.get()) == which);
    CHECK((::fcntl(taken.get(), F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("a full queue and a closed worker are distinguished, and the connection is kept") {
  std::signal(SIGPIPE, SIG_IGN);
  for (const bool same_process : {true, false}) {
    CAPTURE(same_process);
    Handoff channel = make_handoff(same_process);
    HandoffResult result = HandoffResult::sent;
    UniqueFd sent;
    unsigned count = 0;
    // A pipe holds 16,384 numbers: one descriptor is sent repeatedly, since nothing closes it.
    const UniqueFd one = connection();
    for (; result == HandoffResult::sent && count < 100'000; count++) {
      sent.reset(same_process ? one.get() : ::dup(one.get()));
      result = send_connection(channel.dispatcher.get(), sent);
    }
    CHECK(result == HandoffResult::retry);
    CHECK(sent);
    if (same_process) static_cast<void>(sent.release());
    while (true) {
      UniqueFd next = receive_connection(channel.worker.get());
      if (!next) break;
      if (same_process) static_cast<void>(next.release());
    }
    channel.worker.reset();
    UniqueFd last = connection();
    CHECK(send_connection(channel.dispatcher.get(), last) == HandoffResult::closed);
    CHECK(last);
  }
  std::signal(SIGPIPE, SIG_DFL);
}
