#include "groups.h"

#include <algorithm>

namespace reuseport {
namespace {

// Finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output.
constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::uint64_t word(const Address& address, std::size_t from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; i++) value = value << 8 | address[from + i];
  return value;
}

bool options_known(const SocketRow& socket) {
  return (socket.options & (kOptionsFromSocket | kOptionsFromLookup)) != 0;
}

// Higher utilization; sockets with an unknown limit come last, ordered by queue length.
bool fuller(std::uint32_t length, std::uint32_t limit, std::uint32_t than_length, std::uint32_t than_limit) {
  if ((limit == kUnknown) != (than_limit == kUnknown)) return limit != kUnknown;
  if (limit == kUnknown) return length > than_length;
  // A backlog of 0 is a limit like 1: one connection fills it.
  return std::uint64_t{length} * std::max(than_limit, 1u) > std::uint64_t{than_length} * std::max(limit, 1u);
}

// /proc/net omits the interface. Sockets bound to different interfaces are not in one group, and can be bound to one
// port without SO_REUSEPORT.
bool key_is_known(const GroupRow& row) { return row.interface != kUnknown; }

}  // namespace

GroupKey key_of(const SocketRow& socket) {
  const bool any_uid = socket.protocol == Protocol::udp && options_known(socket) && (socket.options & kReusePort) == 0;
  return {socket.protocol, socket.port,      socket.family, socket.v6only,
          socket.address,  socket.interface, socket.netns,  any_uid ? kUnknown : socket.uid, socket.kernel_group};
}

bool same_place(const GroupKey& a, const GroupKey& b) {
  GroupKey there = b;
  there.uid = a.uid;
  there.kernel_group = a.kernel_group;
  return a == there;
}

std::uint64_t id_of(const GroupKey& key) {
  const std::uint64_t words[] = {
      std::uint64_t{key.port} << 32 | std::uint64_t{static_cast<std::uint8_t>(key.protocol)} << 16 |
          std::uint64_t{static_cast<std::uint8_t>(key.family)} << 8 | static_cast<std::uint8_t>(key.v6only),
      word(key.address, 0),
      word(key.address, 8),
      std::uint64_t{key.netns} << 32 | key.interface,
      std::uint64_t{key.kernel_group} << 32 | key.uid,
  };
  std::uint64_t hash = 0;
  for (const std::uint64_t value : words) hash = mix(hash + 0x9e3779b97f4a7c15u + mix(value));
  return hash;
}

GroupKey identity_of(const GroupKey& key, std::uint32_t uid, bool by_inode) {
  GroupKey identity = key;
  identity.uid = uid;
  if (!by_inode) return identity;
  identity.interface = 0;
  // The IPv6 wildcard accepts both families by default, other IPv6 addresses only their own (__inet6_bind()).
  const std::uint64_t rest = word(key.address, 8);
  const bool both = key.family == Family::ipv4 || (word(key.address, 0) == 0 && (rest == 0 || rest >> 32 == 0xffff));
  identity.v6only = both ? V6Only::no : V6Only::yes;
  return identity;
}

void GroupSummary::add(const SocketRow& socket, std::span<const HolderRow> holders) {
  const std::uint32_t position = sums_.sockets++;
  if (position == 0) uid_ = socket.uid;
  else if (socket.uid != uid_) one_uid_ = false;
  lowest_uid_ = std::min(lowest_uid_, socket.uid);
  if (!receives(socket)) return;

  sums_.receiving++;
  sums_.queue_length += socket.queue_length;
  if (socket.queue_limit != kUnknown) sums_.queue_limit += socket.queue_limit;
  if (socket.drops != kUnknown) {
    sums_.drops += socket.drops;
    sums_.drops_known++;
  }
  if (socket.drops_delta != kUnknown) sums_.drops_delta += socket.drops_delta;
  if (sums_.receiving == 1 || fuller(socket.queue_length, socket.queue_limit, fullest_length_, fullest_limit_)) {
    sums_.fullest = position;
    fullest_length_ = socket.queue_length;
    fullest_limit_ = socket.queue_limit;
  }

  unread_ += !options_known(socket);
  refused_ += !options_known(socket) && (socket.options & kOptionsRefused) != 0;
  const bool by_option = (socket.options & kOptionsFromSocket) != 0;
  if ((socket.options & kReusePort) != 0) {
    reuseport_++;
    reuseport_by_option_ += by_option;
  } else if ((socket.options & kReuseAddr) != 0) {
    reuseaddr_++;
    reuseaddr_by_option_ += by_option;
  }
  held_by_several_ = !holders.empty() && holders.front().pid != holders.back().pid;
}

GroupRow GroupSummary::row(const GroupKey& key, bool has_neighbor, bool reads_options) const {
  GroupRow row = sums_;
  if (one_uid_) row.uid = uid_;
  row.netns = key.netns;
  row.interface = key.interface;
  row.port = key.port;
  row.family = key.family;
  row.protocol = key.protocol;
  row.v6only = key.v6only;
  row.address = key.address;
  if (key.kernel_group != 0 && row.receiving > 0) {
    row.sharing = Sharing::reuseport;
    row.evidence = Evidence::bpf;
  } else {
    classify(row, has_neighbor, reads_options);
  }
  return row;
}

// Claims only what is certain.
void GroupSummary::classify(GroupRow& row, bool has_neighbor, bool reads_options) const {
  const auto evidence = [](std::uint32_t by_option, std::uint32_t needed) {
    return by_option >= needed ? Evidence::socket_option : Evidence::kernel_lookup;
  };
  row.sharing = Sharing::none;
  row.evidence = Evidence::none;
  if (row.receiving == 0) return;
  if (row.receiving == 1) {
    if (reuseport_ == 1 && !held_by_several_) {
      row.sharing = Sharing::reuseport;
      row.evidence = evidence(reuseport_by_option_, 1);
    } else if (has_neighbor && unread_ == 1 && row.protocol == Protocol::udp) {
      // It does share its port: bind(2) allows a second user only if both have SO_REUSEADDR (udp_lib_lport_inuse()).
      row.sharing = Sharing::unknown;
    } else if (held_by_several_) {
      // With or without the option: there is one queue and no second socket to choose from.
      row.sharing = Sharing::inherited;
    } else if (reads_options && unread_ > refused_) {
      row.sharing = Sharing::unknown;
      row.pending = 1;
    }
    return;
  }
  if (!key_is_known(row)) {
    row.sharing = Sharing::unknown;
    row.evidence = Evidence::proc_net;
  } else if (row.protocol == Protocol::tcp) {
    // Two sockets can listen on one key only if both had SO_REUSEPORT (inet_csk_bind_conflict()).
    row.sharing = Sharing::reuseport;
    row.evidence = Evidence::co_listening;
  } else if (reuseport_ >= 2) {
    row.sharing = Sharing::reuseport;
    row.evidence = evidence(reuseport_by_option_, 2);
  } else if (reuseaddr_ >= 2) {
    row.sharing = Sharing::reuseaddr;
    row.evidence = evidence(reuseaddr_by_option_, 2);
  } else {
    row.sharing = Sharing::unknown;
  }
}

}  // namespace reuseport
