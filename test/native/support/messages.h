// Netlink messages as the kernel writes them, byte by byte.
#pragma once

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/netlink.h"

namespace reuseport::test {

using Buffer = std::vector<std::byte>;

inline void append(Buffer& to, const void* from, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(from);
  to.insert(to.end(), bytes, bytes + size);
}

inline void append(Buffer& to, Bytes bytes) { append(to, bytes.data(), bytes.size()); }

inline void pad(Buffer& buffer) {
  while (buffer.size() % 4 != 0) buffer.push_back(std::byte{0});
}

inline void append_attribute(Buffer& to, std::uint16_t type, const void* value, std::size_t size) {
  const nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + size), type};
  append(to, &header, sizeof header);
  append(to, value, size);
  pad(to);
}

// A message with its header; sequence and port are those of its request.
inline Buffer message(std::uint16_t type, Bytes payload, std::uint32_t sequence = 1, std::uint32_t port = 7,
                      std::uint16_t flags = NLM_F_MULTI) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  header.nlmsg_seq = sequence;
  header.nlmsg_pid = port;
  Buffer bytes;
  append(bytes, &header, sizeof header);
  append(bytes, payload);
  pad(bytes);
  return bytes;
}

inline Buffer number(std::int32_t value) {
  Buffer bytes;
  append(bytes, &value, sizeof value);
  return bytes;
}

// One socket in a dump.
struct DiagSocket {
  std::uint64_t cookie = 1;
  int family = AF_INET;
  unsigned state = 10;  // LISTEN
  std::string address = "127.0.0.1";
  std::uint16_t port = 80;
  std::string remote_address = {};
  std::uint16_t remote_port = 0;
  std::uint32_t interface = 0;
  std::uint32_t uid = 0;
  std::uint32_t inode = 100;
  std::uint32_t rqueue = 0;
  std::uint32_t wqueue = 128;
  std::optional<bool> v6only = {};
  std::optional<std::uint64_t> cgroup = {};
  std::vector<std::uint32_t> memory = {};  // SKMEMINFO, of any length

  Buffer payload() const {
    inet_diag_msg socket{};
    socket.idiag_family = static_cast<std::uint8_t>(family);
    socket.idiag_state = static_cast<std::uint8_t>(state);
    socket.id.idiag_sport = htons(port);
    socket.id.idiag_dport = htons(remote_port);
    if (!address.empty()) ::inet_pton(family, address.c_str(), socket.id.idiag_src);
    if (!remote_address.empty()) ::inet_pton(family, remote_address.c_str(), socket.id.idiag_dst);
    socket.id.idiag_if = interface;
    socket.id.idiag_cookie[0] = static_cast<std::uint32_t>(cookie);
    socket.id.idiag_cookie[1] = static_cast<std::uint32_t>(cookie >> 32);
    socket.idiag_rqueue = rqueue;
    socket.idiag_wqueue = wqueue;
    socket.idiag_uid = uid;
    socket.idiag_inode = inode;
    Buffer bytes;
    append(bytes, &socket, sizeof socket);
    const std::uint8_t shutdown = 0;
    append_attribute(bytes, INET_DIAG_SHUTDOWN, &shutdown, sizeof shutdown);
    if (v6only) {
      const std::uint8_t value = *v6only;
      append_attribute(bytes, INET_DIAG_SKV6ONLY, &value, sizeof value);
    }
    if (!memory.empty()) append_attribute(bytes, INET_DIAG_SKMEMINFO, memory.data(), memory.size() * 4);
    if (cgroup) append_attribute(bytes, INET_DIAG_CGROUP_ID, &*cgroup, sizeof *cgroup);
    return bytes;
  }

  Buffer bytes(std::uint32_t sequence = 1, std::uint32_t port_of_asker = 7) const {
    return message(SOCK_DIAG_BY_FAMILY, payload(), sequence, port_of_asker);
  }
};

// The first message in these bytes.
inline Message first_message(Bytes bytes) {
  Messages messages(bytes);
  const auto found = messages.next();
  if (!found) throw std::runtime_error("no message in the test's bytes");
  return *found;
}

}  // namespace reuseport::test
