// The kernel's rule for which sockets share a port, and what may be said of such a group. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include "records.h"

namespace reuseport {

// Sockets with one key are in one group (reuseport_add_sock() and its callers: inet_reuseport_add_sock() in
// net/ipv4/inet_hashtables.c, udp_reuseport_add_sock() in net/ipv4/udp.c). The order of keys is the order of groups.
struct GroupKey {
  Protocol protocol;
  std::uint16_t port;
  Family family;
  V6Only v6only;
  Address address;
  std::uint32_t interface;
  std::uint32_t netns;
  // kUnknown, which is nobody's uid, for UDP sockets known to be without SO_REUSEPORT: those share by SO_REUSEADDR,
  // which does not look at the uid (inet_rcv_saddr_equal() and udp_lib_lport_inuse() in net/ipv4/udp.c).
  std::uint32_t uid;

  auto operator<=>(const GroupKey&) const = default;
};

GroupKey key_of(const SocketRow& socket);

// True where two groups have the same address, port and interface, and only whose they are tells them apart.
bool same_place(const GroupKey& a, const GroupKey& b);

// A hash over the key's bytes, the same in every run.
std::uint64_t id_of(const GroupKey& key);

// What a group's id is made of: what everybody who looks at its sockets sees of them, whatever he may read. That is its key
// with `uid`, the lowest of its members'. `by_inode`: they are those of /proc/net, which leaves out the interface and
// IPV6_V6ONLY; both count as where nobody set them, so that such a group has the same id read over sock_diag.
GroupKey identity_of(const GroupKey& key, std::uint32_t uid, bool by_inode);

// True for a socket that packets can reach: one that listens, or unconnected UDP.
constexpr bool receives(const SocketRow& socket) {
  return socket.state == State::listening || socket.state == State::unconnected;
}

// Takes the sockets of one group, one after the other, and gives the group's row.
class GroupSummary {
 public:
  // `holders`: who holds the socket, ordered by pid; empty where that is not known.
  void add(const SocketRow& socket, std::span<const HolderRow> holders);
  // The row, with key, counts, sums, sharing and evidence. `fullest` counts from the group's first socket; `first`,
  // `id` and all that tells of refreshes is 0. `beside`: another group receives at the same place. `reads_options`: options are
  // read where rights allow, so what is not known of a socket may only not be known yet.
  GroupRow row(const GroupKey& key, bool beside = false, bool reads_options = false) const;
  std::uint32_t lowest_uid() const { return lowest_uid_; }

 private:
  void judge(GroupRow& row, bool beside, bool reads_options) const;

  GroupRow sums_{};
  std::uint32_t reuseport_ = 0;            // receiving sockets known to have the option
  std::uint32_t reuseport_by_option_ = 0;  // of those, read from the socket itself
  std::uint32_t reuseaddr_ = 0;            // the same for SO_REUSEADDR without SO_REUSEPORT
  std::uint32_t reuseaddr_by_option_ = 0;
  std::uint32_t unread_ = 0;               // receiving sockets of whose options nothing is known
  std::uint32_t refused_ = 0;              // of those, the ones whose options were asked for in vain
  bool held_by_several_ = false;           // the last receiving socket has holders in more than one process
  std::uint32_t fullest_length_ = 0;
  std::uint32_t fullest_limit_ = kUnknown;
  std::uint32_t uid_ = 0;
  std::uint32_t lowest_uid_ = kUnknown;
  bool one_uid_ = true;
};

}  // namespace reuseport
