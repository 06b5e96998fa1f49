// Netlink: bounds-checked parsing of messages and attributes, and a request/response connection to the kernel.
#pragma once

#include <linux/netlink.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
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
  using Header = nlmsghdr;
  nlmsghdr header;
  Bytes payload;

  static std::size_t length(const Header& header) { return header.nlmsg_len; }
  static Message from(const Header& header, Bytes payload) { return {header, payload}; }
};

struct Attribute {
  using Header = nlattr;
  std::uint16_t type;  // without the NLA_F_NESTED and NLA_F_NET_BYTEORDER bits
  Bytes payload;

  static std::size_t length(const Header& header) { return header.nla_len; }
  static Attribute from(const Header& header, Bytes payload) {
    return {static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK), payload};
  }
};

// Iterates over elements that start with a header and its length. Never reads outside the given bytes. Stops at one that
// does not fit: malformed() is then true, and those before it are valid.
template <typename Element>
class Elements {
 public:
  explicit Elements(Bytes bytes) : rest_(bytes) {}

  // The next one; nothing at the end.
  std::optional<Element> next() {
    using Header = typename Element::Header;
    if (rest_.empty()) return std::nullopt;
    const Bytes bytes = std::exchange(rest_, {});
    malformed_ = true;
    if (bytes.size() < sizeof(Header)) return std::nullopt;
    const auto header = read_as<Header>(bytes);
    const std::size_t length = Element::length(header);
    if (length < sizeof(Header) || length > bytes.size()) return std::nullopt;
    malformed_ = false;
    rest_ = bytes.subspan(std::min(netlink_align(length), bytes.size()));
    return Element::from(header, bytes.subspan(sizeof(Header), length - sizeof(Header)));
  }

  bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

// The messages of one datagram, and the attributes after a message's fixed part.
using Messages = Elements<Message>;
using Attributes = Elements<Attribute>;

// Carries datagrams between a connection and the kernel. Tests replace it.
class NetlinkTransport {
 public:
  struct Received {
    std::size_t size = 0;         // bytes written to the buffer
    bool truncated = false;       // the datagram was longer (MSG_TRUNC)
    std::uint32_t from_port = 0;  // 0 is the kernel
  };

  virtual ~NetlinkTransport() = default;
  // The port that replies are addressed to (nlmsg_pid).
  virtual std::uint32_t port() const = 0;
  // Sends one datagram. Returns 0 or an errno.
  virtual int send(Bytes datagram) = 0;
  // Receives one datagram. Returns 0 or an errno; EAGAIN if `wait` is false and nothing is queued, or on timeout.
  virtual int receive(std::span<std::byte> buffer, bool wait, Received& received) = 0;
};

// A transport to the real kernel. Takes ownership of a netlink descriptor in the right network namespace and joins the
// multicast `groups` (RTMGRP_… as bits, rtnetlink(7)). Throws SystemError.
std::unique_ptr<NetlinkTransport> make_transport(UniqueFd netlink, std::uint32_t groups = 0);

// How a dump ended.
struct DumpEnd {
  std::uint32_t batches = 0;  // datagrams that carried messages
  bool had_room = true;       // the last batch was not full, so the dump is complete
  bool interrupted = false;   // NLM_F_DUMP_INTR: the kernel reports that the dump is inconsistent
};

// One netlink connection: sends requests and passes on every message of the reply, checked. Not thread-safe.
class NetlinkConnection {
 public:
  // The kernel fills at most 32 KiB per datagram (netlink_recvmsg() in net/netlink/af_netlink.c). Once a descriptor was
  // read with a larger buffer, a smaller one truncates datagrams.
  static constexpr std::size_t kBufferSize = 32 * 1024;

  // The shortest datagram that the kernel may consider full: NLMSG_GOODSIZE with pages of 4 KiB
  // (include/linux/netlink.h).
  static constexpr std::size_t kMinFullBatch = 3776;
  // The same for datagrams that the kernel allocates in the size of the largest buffer it has seen, as it does for those
  // longer than a page (two of 4 KiB): older kernels make them 16 KiB, the others 32 (netlink_dump()).
  static constexpr std::size_t kMinFullLargeBatch = 15 * 1024;
  // Longer than any single message that this program requests.
  static constexpr std::size_t kMaxAnswer = 512;

  // `batch` counts the datagrams of this dump from 0. The kernel releases its locks between batches.
  using OnMessage = std::function<void(const Message& message, std::uint32_t batch)>;

  explicit NetlinkConnection(std::unique_ptr<NetlinkTransport> transport);

  // Sends `request` (one message; sequence and port are filled in) and calls `on_message` for each message of the dump.
  // Throws SystemError with `operation`: the kernel's errno, EMSGSIZE for a truncated datagram, EBADMSG for malformed
  // netlink, ENOBUFS if messages were lost, ETIMEDOUT if the kernel stopped answering. The connection stays usable: the
  // rest of a failed dump is discarded before the next one.
  DumpEnd dump(std::vector<std::byte> request, const char* operation, const OnMessage& on_message);

  using OnAnswer = std::function<void(const Message& message, std::uint32_t request)>;

  // Sends several requests in one datagram and calls `on_answer` for each reply with the index of its request. The
  // kernel replies to all of them before send(2) returns (netlink_rcv_skb()), so a reply that is not queued by then was
  // lost because the receive buffer was full, and its request gets none. Throws SystemError like dump(), except
  // ENOBUFS.
  void exchange(std::span<std::byte> requests, const char* operation, const OnAnswer& on_answer);

 private:
  void drain();
  bool receive(bool wait, const char* operation, Bytes& datagram);

  std::unique_ptr<NetlinkTransport> transport_;
  std::vector<std::byte> buffer_;
  std::uint32_t sequence_ = 0;
  std::size_t longest_ = kMinFullBatch;  // the longest datagram so far
  bool unread_ = false;                  // a dump ended early: its rest may still be queued
};

// The errno in an NLMSG_ERROR or NLMSG_DONE payload; 0 for success or a payload too short to hold one, EBADMSG for a
// number that is not a valid kernel error.
int error_of(const Message& message);

}  // namespace reuseport
