// The kernel's rule for which sockets share a port, and how such a group is classified. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include "common/records.h"

namespace reuseport {

// Sockets with the same key are in one group (reuseport_add_sock() and its callers: inet_reuseport_add_sock() in
// net/ipv4/inet_hashtables.c, udp_reuseport_add_sock() in net/ipv4/udp.c). Groups are ordered by key.
struct GroupKey {
  Protocol protocol;
  std::uint16_t port;
  Family family;
  V6Only v6only;
  Address address;
  std::uint32_t interface;
  std::uint32_t netns;
  // kUnknown, which is never a uid, for UDP sockets known to be without SO_REUSEPORT: those share by SO_REUSEADDR,
  // which ignores the uid (inet_rcv_saddr_equal() and udp_lib_lport_inuse() in net/ipv4/udp.c).
  std::uint32_t uid;
  // 0, or what tells a further kernel group with all of the above apart (SocketRow::kernel_group).
  std::uint8_t kernel_group = 0;

  auto operator<=>(const GroupKey&) const = default;
};

GroupKey key_of(const SocketRow& socket);

// True if two groups have the same address, port and interface and differ in the uid and the kernel group only.
bool same_place(const GroupKey& a, const GroupKey& b);

// A hash of the key, the same in every run.
std::uint64_t id_of(const GroupKey& key);

// The input of a group's id: what every observer sees of its sockets, whatever their permissions. That is the key with
// `uid`, the lowest uid of its members. `by_inode`: they come from /proc/net, which omits the interface and
// IPV6_V6ONLY; both count as not set, so that the group has the same id when read over sock_diag.
GroupKey identity_of(const GroupKey& key, std::uint32_t uid, bool by_inode);

// True for a socket that receives from new clients: a listener or unconnected UDP.
constexpr bool receives(const SocketRow& socket) {
  return socket.state == State::listening || socket.state == State::unconnected;
}

// Accumulates the sockets of one group into the group's row.
class GroupSummary {
 public:
  // `holders`: the socket's holders, ordered by pid; empty if unknown.
  void add(const SocketRow& socket, std::span<const HolderRow> holders);
  // The row, with key, counts, sums, sharing and evidence. `fullest` counts from the group's first socket; `first`,
  // `id` and the refresh counters are 0. `has_neighbor`: another group receives at the same address, port and
  // interface. `reads_options`: options are read where permissions allow, so an unknown option may become known later.
  GroupRow row(const GroupKey& key, bool has_neighbor = false, bool reads_options = false) const;
  std::uint32_t lowest_uid() const { return lowest_uid_; }

 private:
  void classify(GroupRow& row, bool has_neighbor, bool reads_options) const;

  GroupRow sums_{};
  std::uint32_t reuseport_ = 0;            // receiving sockets known to have the option
  std::uint32_t reuseport_by_option_ = 0;  // of those, read from the socket
  std::uint32_t reuseaddr_ = 0;            // the same for SO_REUSEADDR without SO_REUSEPORT
  std::uint32_t reuseaddr_by_option_ = 0;
  std::uint32_t unread_ = 0;      // receiving sockets with unknown options
  std::uint32_t refused_ = 0;     // of those, the ones whose options could not be read
  bool held_by_several_ = false;  // the last receiving socket has holders in more than one process
  std::uint32_t fullest_length_ = 0;
  std::uint32_t fullest_limit_ = kUnknown;
  std::uint32_t uid_ = 0;
  std::uint32_t lowest_uid_ = kUnknown;
  bool one_uid_ = true;
};

}  // namespace reuseport
