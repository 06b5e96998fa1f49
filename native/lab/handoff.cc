#include "handoff.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "protocol.h"

namespace reuseport::lab {
namespace {

bool is_pipe(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

HandoffResult failure() {
  return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? HandoffResult::closed : HandoffResult::retry;
}

// A message of one byte with room for one descriptor.
class Envelope {
 public:
  Envelope() {
    message_.msg_iov = &part_;
    message_.msg_iovlen = 1;
    message_.msg_control = control_;
    message_.msg_controllen = sizeof control_;
  }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  msghdr* message() { return &message_; }
  void put(int fd) {
    cmsghdr* header = CMSG_FIRSTHDR(&message_);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  // The received descriptor; closes any additional one (alignment leaves room for two).
  UniqueFd take() const {
    UniqueFd taken;
    const cmsghdr* header = CMSG_FIRSTHDR(&message_);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return taken;
    for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= header->cmsg_len; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + (at - CMSG_LEN(0)), sizeof fd);
      UniqueFd received(fd);
      if (!taken) taken = std::move(received);
    }
    return taken;
  }

 private:
  char byte_ = 0;
  alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(int))] = {};
  iovec part_{.iov_base = &byte_, .iov_len = 1};
  msghdr message_{};
};

}  // namespace

Handoff make_handoff(bool same_process) {
  int ends[2];
  if (same_process) {
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) throw LabError("pipe2", errno);
    return {.dispatcher = UniqueFd(ends[1]), .worker = UniqueFd(ends[0])};
  }
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
    throw LabError("socketpair", errno);
  return {.dispatcher = UniqueFd(ends[0]), .worker = UniqueFd(ends[1])};
}

HandoffResult send_connection(int dispatcher_end, UniqueFd& connection) {
  if (is_pipe(dispatcher_end)) {
    const int fd = connection.get();
    if (::write(dispatcher_end, &fd, sizeof fd) < 0) return failure();
    static_cast<void>(connection.release());  // now owned by the worker
    return HandoffResult::sent;
  }
  Envelope envelope;
  envelope.put(connection.get());
  if (::sendmsg(dispatcher_end, envelope.message(), MSG_NOSIGNAL) < 0) return failure();
  connection.reset();  // the worker has a copy
  return HandoffResult::sent;
}

UniqueFd receive_connection(int worker_end) {
  if (is_pipe(worker_end)) {
    int fd = -1;
    return UniqueFd(::read(worker_end, &fd, sizeof fd) == sizeof fd ? fd : -1);
  }
  Envelope envelope;
  if (::recvmsg(worker_end, envelope.message(), MSG_CMSG_CLOEXEC) < 0) return {};
  return envelope.take();
}

}  // namespace reuseport::lab
