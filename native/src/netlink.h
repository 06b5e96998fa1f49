// Netlink: bounds-checked reading of messages and attributes, and one request-and-answer connection to the kernel.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "system_error.h"
#include "unique_fd.h"

namespace reuseport {

using Bytes = std::span<const std::byte>;

// Copies a value out of bytes that need not be aligned for it. `bytes` holds at least sizeof(T).
template <typename T>
T read_as(Bytes bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Netlink pads every message and attribute to four bytes (netlink(7)).
constexpr std::size_t netlink_align(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

struct Message {
  nlmsghdr header;
  Bytes payload;
};

// The messages of one datagram, one after the other. Reads nothing outside of the bytes given.
class Messages {
 public:
  explicit Messages(Bytes datagram) : rest_(datagram) {}
  // The next message, or nothing at the end, or where a header does not fit what is left: then malformed() is true.
  std::optional<Message> next();
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

struct Attribute {
  std::uint16_t type;  // without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits
  Bytes payload;
};

// The attributes behind a message's fixed part. Reads nothing outside of the bytes given; ends early at an attribute
// that does not fit: then malformed() is true, and what was read before stands.
class Attributes {
 public:
  explicit Attributes(Bytes bytes) : rest_(bytes) {}
  std::optional<Attribute> next();
  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

// The seam between a connection and the kernel: datagrams out, datagrams in. Tests put a kernel of their own here.
class Kernel {
 public:
  struct Received {
    std::size_t size = 0;         // bytes written to the buffer
    bool truncated = false;       // the datagram was longer (MSG_TRUNC)
    std::uint32_t from_port = 0;  // 0 is the kernel
  };

  virtual ~Kernel() = default;
  // The port that answers are addressed to (nlmsg_pid).
  virtual std::uint32_t port() const = 0;
  // Sends one datagram. Gives 0 or an errno.
  virtual int send(Bytes datagram) = 0;
  // Receives one datagram. Gives 0 or an errno; EAGAIN when `wait` is false and nothing is queued, or the wait was too
  // long.
  virtual int receive(std::span<std::byte> buffer, bool wait, Received& received) = 0;
};

// The real one. Takes over a netlink descriptor, already in the wanted network namespace, and makes it a member of
// multicast `groups` (RTMGRP_… as bits, rtnetlink(7)). Throws SystemError.
std::unique_ptr<Kernel> make_kernel(UniqueFd netlink, std::uint32_t groups = 0);

// What a dump said of itself.
struct DumpEnd {
  std::uint32_t batches = 0;  // datagrams that carried messages
  bool had_room = true;       // the last batch could have held more, so the dump came to its end there
  bool interrupted = false;   // NLM_F_DUMP_INTR: the kernel knows that the dump is inconsistent
};

// One netlink connection: a request, and every message of the answer, checked. Not for two threads at once.
class Connection {
 public:
  // The kernel fills at most 32 KiB a datagram (netlink_recvmsg() in net/netlink/af_netlink.c); a smaller buffer on a
  // descriptor that was read with a larger one loses the rest of each.
  static constexpr std::size_t kBufferSize = 32 * 1024;

  // The shortest datagram that the kernel may call full: NLMSG_GOODSIZE with pages of 4 KiB (include/linux/netlink.h).
  static constexpr std::size_t kSmallestBatch = 3776;
  // Longer than any one answer that this program asks for.
  static constexpr std::size_t kLongestAnswer = 512;

  // `batch` counts the datagrams of this dump from 0. Between two batches the kernel lets go of its locks.
  using OnMessage = std::function<void(const Message& message, std::uint32_t batch)>;

  explicit Connection(std::unique_ptr<Kernel> kernel);

  // Sends `request` (one message; sequence and port are filled in here) and hands over each message of the dump.
  // Throws SystemError whose operation is `operation`: the kernel's errno; EMSGSIZE for a truncated datagram, EBADMSG
  // for one that is no netlink, ENOBUFS where messages were lost, ETIMEDOUT where the kernel stopped answering. The
  // connection stays usable: what is left of a failed dump is read away before the next one.
  DumpEnd dump(std::vector<std::byte> request, const char* operation, const OnMessage& on_message);

  using OnAnswer = std::function<void(const Message& message, std::uint32_t request)>;

  // Sends several requests, messages side by side, in one datagram, and hands over each answer with the position of its
  // request. The kernel answers all of them before send(2) returns (netlink_rcv_skb()), so an answer that is not queued
  // then was lost, for want of receive buffer: its request gets none. Throws SystemError as dump() does, but for
  // ENOBUFS.
  void exchange(std::span<std::byte> requests, const char* operation, const OnAnswer& on_answer);

 private:
  void drain();
  bool receive(bool wait, const char* operation, Bytes& datagram);

  std::unique_ptr<Kernel> kernel_;
  std::vector<std::byte> buffer_;
  std::uint32_t sequence_ = 0;
  std::size_t longest_ = kSmallestBatch;  // the longest datagram so far
  bool unread_ = false;  // a dump ended early: the rest of it may still be queued
};

// The errno in an NLMSG_ERROR or NLMSG_DONE payload, 0 for success or for a payload too short to hold one, EBADMSG for
// a number that is no error of the kernel's.
int error_of(const Message& message);

}  // namespace reuseport
