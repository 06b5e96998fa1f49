// Sockets that the picture does not keep: established connections by who holds them, and the receivers of one port in
// the order of the kernel's own lists.
#pragma once

#include <cstdint>
#include <vector>

#include "holder_index.h"
#include "netlink.h"
#include "proc_net.h"
#include "records.h"

namespace reuseport {

enum class PortState : std::uint8_t {
  receiving,    // TCP that listens, UDP connected or not
  established,  // TCP connections, accepted or still waiting for it
  connections,  // TCP in any state but listening and bound: also half-open, closing, TIME_WAIT
};

struct PortQuery {
  Protocol protocol;
  Family family;
  PortState state;
  std::uint16_t port = 0;  // local port in host order, 0 for all
};

// Columns, one entry a socket.
struct PortDump {
  std::vector<std::uint64_t> cookies;  // or inode_key(), or 0
  std::vector<std::uint32_t> inodes;  // 0 for a connection that nobody accepted yet
  std::vector<std::uint32_t> pids;    // the lowest pid that holds it; 0 where no readable process does
  std::vector<std::uint16_t> ports;   // local, host order
  std::vector<std::uint8_t> addresses;  // local, 16 bytes each, network order; IPv4 in the first four
  std::vector<std::uint32_t> interfaces;  // that it is bound to: a connection has that of the listener that took it; 0 for none
  std::vector<std::uint16_t> remote_ports;
  std::vector<std::uint8_t> remote_addresses;  // as `addresses`
  std::vector<std::uint32_t> uids;             // 0 for one that no process holds any more
  std::vector<std::uint8_t> states;            // as the kernel numbers them (include/net/tcp_states.h)
  std::vector<std::uint8_t> options;           // of `connections`: bits of SocketRow::options; 0 where they may not be read
};

// Dumps over `connection`, in the order of the kernel's lists: sockets of one address and port stand as the lookup meets
// them (inet_lhash2_lookup() in net/ipv4/inet_hashtables.c; udp_dump() in net/ipv4/udp_diag.c walks the slot of the
// port, to which bind(2) adds at the same end as to that of the address). A socket that the kernel lists twice is given
// once. Throws SystemError.
PortDump dump_port(Connection& connection, const PortQuery& query, const HolderIndex& holders);

// The same from /proc/net, for a kernel without sock_diag. There is no cookie, but inode_key() in its place, 0 for what no
// process holds; no interface; and the order is none that means anything. Throws SystemError.
PortDump dump_port(ProcNet& files, const PortQuery& query, const HolderIndex& holders);

}  // namespace reuseport
