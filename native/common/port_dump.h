// Sockets that are not in a frame: established connections with their holders, and the receivers of one port in the
// order of the kernel's lists.
#pragma once

#include <cstdint>
#include <vector>

#include "holder_index.h"
#include "netlink.h"
#include "proc_net.h"
#include "records.h"

namespace reuseport {

enum class PortState : std::uint8_t {
  receiving,    // TCP listeners, UDP connected or not
  established,  // TCP connections, accepted or not yet
  waiting,      // TCP connections in accept queues, also those that the client has closed
  connections,  // TCP in any state except listening and bound: also half-open, closing, TIME_WAIT
};

struct PortQuery {
  Protocol protocol;
  Family family;
  PortState state;
  std::uint16_t port = 0;  // local port in host order, 0 for all
};

inline constexpr std::uint32_t kUnknownWait = 0xffffffff;

// Columns, one entry per socket.
struct PortDump {
  std::vector<std::uint64_t> cookies;     // or inode_key(), or 0
  std::vector<std::uint32_t> inodes;      // 0 for a connection that was not accepted yet
  std::vector<std::uint32_t> pids;        // the lowest pid that holds it; 0 for no readable process
  std::vector<std::uint16_t> ports;       // local, host order
  std::vector<std::uint8_t> addresses;    // local, 16 bytes each, network order; IPv4 in the first four
  std::vector<std::uint32_t> interfaces;  // bound interface: a connection has its listener's; 0 for none
  std::vector<std::uint16_t> remote_ports;
  std::vector<std::uint8_t> remote_addresses;  // as `addresses`
  std::vector<std::uint32_t> uids;             // 0 for one that no process holds any more
  std::vector<std::uint8_t> states;            // as the kernel numbers them (include/net/tcp_states.h)
  std::vector<std::uint32_t> waited_ms;        // for `waiting`: since the handshake; kUnknownWait if not known
  std::vector<std::uint8_t> options;           // for `connections`: bits of SocketRow::options; 0 if not readable
};

// Dumps over `connection`, in the order of the kernel's lists: sockets of one address and port are in lookup order
// (inet_lhash2_lookup() in net/ipv4/inet_hashtables.c; udp_dump() in net/ipv4/udp_diag.c walks the slot of the port,
// where bind(2) adds at the same end as in the slot of the address). A socket that the kernel lists twice appears once.
// Throws SystemError.
PortDump dump_port(NetlinkConnection& connection, const PortQuery& query, const HolderIndex& holders);

// The same from /proc/net, for a kernel without sock_diag. inode_key() replaces the cookie, 0 for sockets that no
// process holds; there is no interface, and the order means nothing. Throws SystemError.
PortDump dump_port(ProcNet& files, const PortQuery& query, const HolderIndex& holders);

}  // namespace reuseport
