#include "commands.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <type_traits>

namespace reuseport::lab {
namespace {

static_assert(std::is_trivially_copyable_v<Command> && std::is_trivially_copyable_v<Report>);

constexpr timeval kTimeout{.tv_sec = 10, .tv_usec = 0};
constexpr const char* kCall = "worker process";

template <std::size_t size>
void put(char (&into)[size], const std::string& text) {
  std::memcpy(into, text.data(), std::min(text.size(), size - 1));
}

}  // namespace

Report Report::of(const LabError& failure) {
  Report report;
  report.error = failure.error;
  put(report.call, failure.call);
  put(report.at, failure.at);
  return report;
}

CommandChannel::Pair CommandChannel::make() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) throw LabError("socketpair", errno);
  ::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  return {CommandChannel(UniqueFd(ends[0])), CommandChannel(UniqueFd(ends[1]))};
}

MemberFacts CommandChannel::execute(const Command& command) {
  if (::send(fd_.get(), &command, sizeof command, MSG_NOSIGNAL) < 0) throw LabError(kCall, ESRCH);
  return wait_report();
}

MemberFacts CommandChannel::wait_report() {
  Report report;
  ssize_t size = 0;
  do size = ::recv(fd_.get(), &report, sizeof report, MSG_TRUNC);
  while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) throw LabError(kCall, ETIMEDOUT);
  if (size != sizeof report) throw LabError(kCall, ESRCH);
  // A process that runs as another user is not trusted.
  report.call[sizeof report.call - 1] = report.at[sizeof report.at - 1] = '\0';
  if (report.error != 0) throw LabError(report.call, report.error, report.at);
  return report.facts;
}

bool CommandChannel::next(Command& command) {
  ssize_t size = 0;
  do size = ::recv(fd_.get(), &command, sizeof command, 0);
  while (size < 0 && errno == EINTR);
  return size == sizeof command;
}

void CommandChannel::report(const Report& report) { ::send(fd_.get(), &report, sizeof report, MSG_NOSIGNAL); }

}  // namespace reuseport::lab
