// sock_diag(7): builds requests for internet sockets and parses the replies into rows. Pure: bytes in, values out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "netlink.h"
#include "records.h"

namespace reuseport {

// What one dump covers. TCP over IPv4 and IPv6 takes one pass with the legacy request (TCPDIAG_GETSOCK); UDP needs one
// pass per family (inet_diag_type2proto() in net/ipv4/inet_diag.c).
enum class SocketTableKind : std::uint8_t { tcp, udp_ipv4, udp_ipv6 };
inline constexpr std::array kSocketTables{SocketTableKind::tcp, SocketTableKind::udp_ipv4, SocketTableKind::udp_ipv6};

constexpr Protocol protocol_of(SocketTableKind kind) {
  return kind == SocketTableKind::tcp ? Protocol::tcp : Protocol::udp;
}

// The operation's name for an error.
const char* dump_operation(SocketTableKind kind);

struct DumpRequest {
  // Queue memory and drops (INET_DIAG_SKMEMINFO): about 50 % more expensive.
  bool memory = false;
  // TCP listeners.
  bool listening = true;
  // TCP sockets that are bound but not listening: bit 13 of the states (TCP_BOUND_INACTIVE, Linux 6.8; older kernels
  // omit them). About 50 % more expensive: the kernel walks every socket that has a port (inet_diag_dump_icsk() in
  // net/ipv4/tcp_diag.c). Ignored for UDP.
  bool bound = true;
  // Any number: requests unused attributes, which makes each reply a little longer, so that the kernel ends its batches
  // at different sockets.
  unsigned widen = 0;
};

// A dump of TCP listeners (and bound sockets), or of UDP sockets, connected or not.
std::vector<std::byte> build_dump(SocketTableKind kind, const DumpRequest& wanted);

// A kernel lookup: which socket would a client reach?
struct ProbeTarget {
  Protocol protocol;
  Family family;
  Address local_address;
  std::uint16_t local_port;  // host order
  std::uint32_t interface;   // ingress interface, 0 for any
};
struct Remote {
  Address address;
  std::uint16_t port;  // host order
};

// Bytes of one probe request.
inline constexpr std::size_t kProbeSize = 72;
// Writes the probe for one remote to `request` (kProbeSize bytes). For UDP the kernel swaps source and destination
// (udp_dump_one() in net/ipv4/udp_diag.c): the client goes where the local side goes for TCP.
void build_probe(const ProbeTarget& target, const Remote& remote, std::span<std::byte> request);

// The row for one message of a dump of network namespace `netns`; queue fields as in records.h. Nothing for a message
// of another type, one that is too short, another address family, a state that is not shown, or a cookie of 0, by which
// a socket cannot be followed. Fields of the table (group, since, changed …) stay 0, holders kUnknown.
std::optional<SocketRow> parse_socket(Protocol protocol, std::uint32_t netns, const Message& message);

// The socket in a probe's reply: its cookie, and its state as in State; 0 for a message that is not a socket, 255 for a
// state that State does not have (a connection).
struct ProbedSocket {
  std::uint64_t cookie = 0;
  std::uint8_t state = 0;
};
ProbedSocket parse_probed(Protocol protocol, const Message& message);

}  // namespace reuseport
