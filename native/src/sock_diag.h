// sock_diag(7): the requests for internet sockets, and their answers as rows. Pure: bytes in, values out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "netlink.h"
#include "records.h"

namespace reuseport {

// What one dump walks. TCP comes over IPv4 and IPv6 in one pass, by the request of old (TCPDIAG_GETSOCK); UDP needs one
// pass a family (inet_diag_type2proto() in net/ipv4/inet_diag.c).
enum class SocketTableKind : std::uint8_t { tcp, udp_ipv4, udp_ipv6 };
inline constexpr std::array kSocketTables{SocketTableKind::tcp, SocketTableKind::udp_ipv4, SocketTableKind::udp_ipv6};

constexpr Protocol protocol_of(SocketTableKind kind) {
  return kind == SocketTableKind::tcp ? Protocol::tcp : Protocol::udp;
}

// What was asked, in words for an error.
const char* dump_operation(SocketTableKind kind);

struct DumpRequest {
  // Queue memory and drops (INET_DIAG_SKMEMINFO): half as dear again.
  bool memory = false;
  // TCP sockets that listen.
  bool listening = true;
  // TCP sockets that are bound but do not listen: bit 13 of the states (TCP_BOUND_INACTIVE, Linux 6.8; older kernels
  // answer without them). Half as dear again, because for them the kernel walks every socket that has a port
  // (inet_diag_dump_icsk() in net/ipv4/tcp_diag.c). Nothing for UDP.
  bool bound = true;
  // Any number: asks for attributes that nobody reads, which makes each answer a little longer, so that the kernel ends
  // its batches at other sockets.
  unsigned widen = 0;
};

// A dump of TCP sockets that listen, or of UDP sockets, connected or not.
std::vector<std::byte> build_dump(SocketTableKind kind, const DumpRequest& wanted);

// Who a client would reach: the question of the steering oracle.
struct ProbeTarget {
  Protocol protocol;
  Family family;
  Address local_address;
  std::uint16_t local_port;  // host order
  std::uint32_t interface;   // by which the packet comes in, 0 for any
};
struct Remote {
  Address address;
  std::uint16_t port;  // host order
};

// Bytes of one probe request.
inline constexpr std::size_t kProbeSize = 72;
// Writes the probe for one remote to `request` (kProbeSize bytes). For UDP the kernel looks its arguments up the other
// way round (udp_dump_one() in net/ipv4/udp_diag.c): the client goes where the local side goes for TCP.
void build_probe(const ProbeTarget& target, const Remote& remote, std::span<std::byte> request);

// The row that a dump's message tells of, in network namespace `netns`; queue fields as records.h says. Nothing for a
// message of another kind, one that is too short, a family other than the two, a state that is not shown, or a cookie
// of 0, by which a socket cannot be followed. Fields of the table (group,
// since, changed …) are left at 0, holders at kUnknown.
std::optional<SocketRow> parse_socket(Protocol protocol, std::uint32_t netns, const Message& message);

// What a probe's answer names: the socket's cookie, and its state as in State, 0 for a message that is no socket, 255
// for a state without a name there (a connection).
struct ProbedSocket {
  std::uint64_t cookie = 0;
  std::uint8_t state = 0;
};
ProbedSocket parse_probed(Protocol protocol, const Message& message);

}  // namespace reuseport
