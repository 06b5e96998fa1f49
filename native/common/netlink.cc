#include "netlink.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace reuseport {
namespace {

// Limit on the wait for one datagram. The kernel replies within send(2), so this only keeps a thread from hanging if
// that ever changes.
constexpr timeval kTimeout{10, 0};

// Kernel errors are -1 to -4095 (MAX_ERRNO in include/linux/err.h).
constexpr std::int32_t kMaxErrno = 4095;

class NetlinkSocket final : public NetlinkTransport {
 public:
  NetlinkSocket(UniqueFd netlink, std::uint32_t groups) : netlink_(std::move(netlink)) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (::bind(netlink_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
      throw SystemError("bind netlink", errno);
    socklen_t length = sizeof address;
    if (::getsockname(netlink_.get(), reinterpret_cast<sockaddr*>(&address), &length) < 0)
      throw SystemError("getsockname netlink", errno);
    port_ = address.nl_pid;
    if (::setsockopt(netlink_.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout) < 0)
      throw SystemError("setsockopt SO_RCVTIMEO", errno);
    if (groups == 0) show_buffer();
  }

  std::uint32_t port() const override { return port_; }

  int send(Bytes datagram) override {
    for (;;) {
      const ssize_t sent = ::send(netlink_.get(), datagram.data(), datagram.size(), 0);
      if (sent >= 0) return 0;  // netlink accepts a whole datagram or none of it
      if (errno != EINTR) return errno;
    }
  }

  int receive(std::span<std::byte> buffer, bool wait, Received& received) override {
    sockaddr_nl from{};
    iovec part{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof from;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    for (;;) {
      const ssize_t size = ::recvmsg(netlink_.get(), &header, wait ? 0 : MSG_DONTWAIT);
      if (size >= 0) {
        received = {static_cast<std::size_t>(size), (header.msg_flags & MSG_TRUNC) != 0, from.nl_pid};
        return 0;
      }
      if (errno != EINTR) return errno;
    }
  }

 private:
  // The kernel sizes datagrams by the largest buffer it has seen a message read into. With one before the first dump, the
  // sockets of an ordinary machine are one datagram, which is exact: nothing has to be dumped again.
  void show_buffer() {
    const nlmsghdr nothing{.nlmsg_len = sizeof nothing,
                           .nlmsg_type = NLMSG_NOOP,
                           .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
                           .nlmsg_seq = 0,
                           .nlmsg_pid = port_};
    std::array<std::byte, NetlinkConnection::kBufferSize> buffer;
    if (::send(netlink_.get(), &nothing, sizeof nothing, 0) >= 0)
      static_cast<void>(::recv(netlink_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT));
  }

  UniqueFd netlink_;
  std::uint32_t port_ = 0;
};

// No datagram is longer if the kernel did not allocate it in the size of a buffer (NLMSG_GOODSIZE).
std::size_t longest_small() { return ::sysconf(_SC_PAGESIZE) > 4096 ? 8192 : 4096; }

void write_header(std::span<std::byte> message, std::uint32_t sequence, std::uint32_t port) {
  nlmsghdr header = read_as<nlmsghdr>(message);
  header.nlmsg_seq = sequence;
  header.nlmsg_pid = port;
  std::memcpy(message.data(), &header, sizeof header);
}

}  // namespace

std::unique_ptr<NetlinkTransport> make_transport(UniqueFd netlink, std::uint32_t groups) {
  return std::make_unique<NetlinkSocket>(std::move(netlink), groups);
}

int error_of(const Message& message) {
  if (message.payload.size() < sizeof(std::int32_t)) return 0;
  const auto error = read_as<std::int32_t>(message.payload);
  if (error >= 0) return 0;
  return error < -kMaxErrno ? EBADMSG : -error;
}

NetlinkConnection::NetlinkConnection(std::unique_ptr<NetlinkTransport> transport)
    : transport_(std::move(transport)), buffer_(kBufferSize) {}

// Receives one datagram from the kernel; false if `wait` is false and none is queued. Drops those from other processes.
bool NetlinkConnection::receive(bool wait, const char* operation, Bytes& datagram) {
  for (;;) {
    NetlinkTransport::Received received;
    const int error = transport_->receive(buffer_, wait, received);
    if (error == EAGAIN || error == EWOULDBLOCK) {
      if (!wait) return false;
      throw SystemError(operation, ETIMEDOUT, "the kernel stopped answering");
    }
    if (error != 0) throw SystemError(operation, error);
    if (received.from_port != 0) continue;
    if (received.truncated)
      throw SystemError(operation, EMSGSIZE, "a reply was longer than the receive buffer and was truncated");
    datagram = Bytes(buffer_).first(received.size);
    return true;
  }
}

void NetlinkConnection::drain() {
  NetlinkTransport::Received received;
  for (;;) {
    const int error = transport_->receive(buffer_, false, received);
    // ENOBUFS reports replies that were dropped earlier; they are no longer needed.
    if (error != 0 && error != ENOBUFS) break;
  }
  unread_ = false;
}

DumpEnd NetlinkConnection::dump(std::vector<std::byte> request, const char* operation, const OnMessage& on_message) {
  if (unread_) drain();
  const std::uint32_t sequence = ++sequence_;
  write_header(request, sequence, transport_->port());
  if (const int error = transport_->send(request); error != 0) throw SystemError(operation, error);

  unread_ = true;
  DumpEnd end;
  for (;;) {
    Bytes datagram;
    receive(true, operation, datagram);
    Messages messages(datagram);
    bool counted = false;
    while (const auto message = messages.next()) {
      if (message->header.nlmsg_seq != sequence || message->header.nlmsg_pid != transport_->port()) continue;
      if ((message->header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) end.interrupted = true;
      if (message->header.nlmsg_type == NLMSG_DONE || message->header.nlmsg_type == NLMSG_ERROR) {
        unread_ = false;
        if (const int error = error_of(*message); error != 0) throw SystemError(operation, error);
        return end;
      }
      if (message->header.nlmsg_type == NLMSG_NOOP) continue;
      if (!counted) {
        end.batches++;
        if (datagram.size() > longest_small()) longest_ = std::max(longest_, kMinFullLargeBatch);
        end.had_room = datagram.size() + kMaxAnswer <= std::max(longest_, datagram.size());
        longest_ = std::max(longest_, datagram.size());
        counted = true;
      }
      on_message(*message, end.batches - 1);
    }
    if (messages.malformed()) throw SystemError(operation, EBADMSG, "the reply is malformed netlink");
  }
}

void NetlinkConnection::exchange(std::span<std::byte> requests, const char* operation, const OnAnswer& on_answer) {
  if (unread_) drain();
  const std::uint32_t first = sequence_ + 1;
  std::uint32_t count = 0;
  for (std::span<std::byte> rest = requests; !rest.empty(); count++) {
    const std::size_t length = read_as<nlmsghdr>(rest).nlmsg_len;
    write_header(rest, first + count, transport_->port());
    rest = rest.subspan(std::min(netlink_align(length), rest.size()));
  }
  sequence_ += count;
  if (const int error = transport_->send(requests); error != 0) throw SystemError(operation, error);

  unread_ = true;
  for (;;) {
    Bytes datagram;
    try {
      if (!receive(false, operation, datagram)) break;
    } catch (const SystemError& error) {
      if (error.error != ENOBUFS) throw;
      continue;
    }
    Messages messages(datagram);
    while (const auto message = messages.next()) {
      const std::uint32_t request = message->header.nlmsg_seq - first;
      if (request >= count || message->header.nlmsg_pid != transport_->port()) continue;
      on_answer(*message, request);
    }
    if (messages.malformed()) throw SystemError(operation, EBADMSG, "the reply is malformed netlink");
  }
  unread_ = false;
}

}  // namespace reuseport
