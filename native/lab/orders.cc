#include "orders.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <type_traits>

namespace reuseport::lab {
namespace {

static_assert(std::is_trivially_copyable_v<Order> && std::is_trivially_copyable_v<Report>);

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
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

OrderChannel::Pair OrderChannel::make() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) throw LabError("socketpair", errno);
  ::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  return {OrderChannel(UniqueFd(ends[0])), OrderChannel(UniqueFd(ends[1]))};
}

MemberFacts OrderChannel::give(const Order& order) {
  if (::send(fd_.get(), &order, sizeof order, MSG_NOSIGNAL) < 0) throw LabError(kCall, ESRCH);
  return first_report();
}

MemberFacts OrderChannel::first_report() {
  Report report;
  ssize_t size = 0;
  do size = ::recv(fd_.get(), &report, sizeof report, MSG_TRUNC);
  while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) throw LabError(kCall, ETIMEDOUT);
  if (size != sizeof report) throw LabError(kCall, ESRCH);
  // A process that runs as another user may write anything.
  report.call[sizeof report.call - 1] = report.at[sizeof report.at - 1] = '\0';
  if (report.error != 0) throw LabError(report.call, report.error, report.at);
  return report.facts;
}

bool OrderChannel::next(Order& order) {
  ssize_t size = 0;
  do size = ::recv(fd_.get(), &order, sizeof order, 0);
  while (size < 0 && errno == EINTR);
  return size == sizeof order;
}

void OrderChannel::report(const Report& report) { ::send(fd_.get(), &report, sizeof report, MSG_NOSIGNAL); }

}  // namespace reuseport::lab
