// epoll(7) for the lab's event loops: events carry the descriptor.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <span>

#include "common/unique_fd.h"
#include "protocol.h"

namespace reuseport::lab {

class Epoll {
 public:
  // Throws LabError.
  Epoll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!fd_) throw LabError("epoll_create1", errno);
  }

  // False if the kernel is out of memory or at its limit (fs.epoll.max_user_watches).
  bool add(int fd, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.fd = fd}};
    return ::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  }
  void remove(int fd) { ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr); }

  // Waits at most `milliseconds` (-1: without limit) for events. Valid until the next call.
  std::span<const epoll_event> wait(int milliseconds) {
    const int ready = ::epoll_wait(fd_.get(), events_.data(), static_cast<int>(events_.size()), milliseconds);
    return {events_.data(), ready > 0 ? static_cast<std::size_t>(ready) : 0};  // none if interrupted
  }

 private:
  UniqueFd fd_;
  std::array<epoll_event, 128> events_{};
};

}  // namespace reuseport::lab
