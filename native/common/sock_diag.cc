#include "sock_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "socket_states.h"

namespace reuseport {
namespace {

constexpr std::uint8_t extension(unsigned attribute) { return static_cast<std::uint8_t>(1u << (attribute - 1)); }

// Fixed-size attributes that cost the kernel almost nothing: 8, 20, 28 more bytes per socket.
constexpr std::array<std::uint8_t, 4> kWiden = {
    0, extension(INET_DIAG_TOS), extension(INET_DIAG_MEMINFO),
    static_cast<std::uint8_t>(extension(INET_DIAG_TOS) | extension(INET_DIAG_MEMINFO))};

template <typename Request>
void write_message(std::span<std::byte> to, std::uint16_t type, std::uint16_t flags, const Request& request) {
  nlmsghdr header{};
  header.nlmsg_len = sizeof header + sizeof request;
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  std::memcpy(to.data(), &header, sizeof header);
  std::memcpy(to.data() + sizeof header, &request, sizeof request);
}

std::optional<State> state_of(Protocol protocol, std::uint8_t state) {
  if (protocol == Protocol::tcp) {
    if (state == kListen) return State::listening;
    if (state == kClose) return State::bound;
  } else {
    if (state == kClose) return State::unconnected;
    if (state == kEstablished) return State::connected;
  }
  return std::nullopt;
}

std::optional<inet_diag_msg> socket_message(const Message& message) {
  const auto type = message.header.nlmsg_type;
  if (type != SOCK_DIAG_BY_FAMILY && type != TCPDIAG_GETSOCK) return std::nullopt;
  if (message.payload.size() < sizeof(inet_diag_msg)) return std::nullopt;
  return read_as<inet_diag_msg>(message.payload);
}

std::uint64_t cookie_of(const inet_diag_msg& socket) {
  return std::uint64_t{socket.id.idiag_cookie[1]} << 32 | socket.id.idiag_cookie[0];
}

Address address_of(Family family, const __be32 (&words)[4]) {
  Address address{};
  std::memcpy(address.data(), words, family == Family::ipv4 ? 4 : 16);
  return address;
}

// A value in INET_DIAG_SKMEMINFO, an array that has grown over the years, drops last (sock_diag_put_meminfo()).
std::uint32_t memory_value(Bytes values, std::size_t index) {
  if (values.size() < (index + 1) * sizeof(std::uint32_t)) return kUnknown;
  return read_as<std::uint32_t>(values.subspan(index * sizeof(std::uint32_t)));
}

}  // namespace

const char* dump_operation(SocketTableKind kind) {
  switch (kind) {
    case SocketTableKind::tcp:
      return "dump TCP sockets";
    case SocketTableKind::udp_ipv4:
      return "dump UDP sockets over IPv4";
    case SocketTableKind::udp_ipv6:
      break;
  }
  return "dump UDP sockets over IPv6";
}

std::vector<std::byte> build_dump(SocketTableKind kind, const DumpRequest& wanted) {
  const auto extensions = static_cast<std::uint8_t>(kWiden[wanted.widen % kWiden.size()] |
                                                    (wanted.memory ? extension(INET_DIAG_SKMEMINFO) : 0));
  if (kind == SocketTableKind::tcp) {
    inet_diag_req request{};
    request.idiag_family = AF_INET;  // both families are reported regardless
    request.idiag_ext = extensions;
    request.idiag_states = (wanted.listening ? 1u << kListen : 0u) | (wanted.bound ? 1u << kBoundInactive : 0u);
    std::vector<std::byte> bytes(sizeof(nlmsghdr) + sizeof request);
    write_message(bytes, TCPDIAG_GETSOCK, NLM_F_REQUEST | NLM_F_DUMP, request);
    return bytes;
  }
  inet_diag_req_v2 request{};
  request.sdiag_family = kind == SocketTableKind::udp_ipv4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = IPPROTO_UDP;
  request.idiag_ext = extensions;
  request.idiag_states = 1u << kClose | 1u << kEstablished;
  std::vector<std::byte> bytes(sizeof(nlmsghdr) + sizeof request);
  write_message(bytes, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, request);
  return bytes;
}

void build_probe(const ProbeTarget& target, const Remote& remote, std::span<std::byte> bytes) {
  static_assert(kProbeSize == sizeof(nlmsghdr) + sizeof(inet_diag_req_v2));
  inet_diag_req_v2 request{};
  request.sdiag_family = target.family == Family::ipv4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = static_cast<std::uint8_t>(target.protocol);
  request.id.idiag_if = target.interface;
  request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  const bool swapped = target.protocol == Protocol::udp;
  request.id.idiag_sport = htons(swapped ? remote.port : target.local_port);
  request.id.idiag_dport = htons(swapped ? target.local_port : remote.port);
  std::memcpy(request.id.idiag_src, (swapped ? remote.address : target.local_address).data(), sizeof(Address));
  std::memcpy(request.id.idiag_dst, (swapped ? target.local_address : remote.address).data(), sizeof(Address));
  write_message(bytes, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, request);
}

std::optional<SocketRow> parse_socket(Protocol protocol, std::uint32_t netns, const Message& message) {
  const auto socket = socket_message(message);
  if (!socket || (socket->idiag_family != AF_INET && socket->idiag_family != AF_INET6)) return std::nullopt;
  const auto state = state_of(protocol, socket->idiag_state);
  if (!state || cookie_of(*socket) == 0) return std::nullopt;

  // Built in place: copying each row would be a tenth of a dump's cost here.
  std::optional<SocketRow> parsed(std::in_place);
  SocketRow& row = *parsed;
  row.cookie = cookie_of(*socket);
  row.inode = socket->idiag_inode;
  row.uid = socket->idiag_uid;
  row.netns = netns;
  row.interface = socket->id.idiag_if;
  row.queue_length = *state == State::bound ? 0 : socket->idiag_rqueue;
  if (*state == State::listening) row.queue_limit = socket->idiag_wqueue;
  row.port = ntohs(socket->id.idiag_sport);
  row.family = socket->idiag_family == AF_INET ? Family::ipv4 : Family::ipv6;
  row.protocol = protocol;
  row.state = *state;
  if (row.family == Family::ipv4) row.v6only = V6Only::no;
  row.address = address_of(row.family, socket->id.idiag_src);
  if (*state == State::connected) {
    row.remote_port = ntohs(socket->id.idiag_dport);
    row.remote_address = address_of(row.family, socket->id.idiag_dst);
  }

  Attributes attributes(message.payload.subspan(sizeof(inet_diag_msg)));
  while (const auto attribute = attributes.next()) {
    switch (attribute->type) {
      case INET_DIAG_SKMEMINFO:
        if (protocol == Protocol::udp) row.queue_limit = memory_value(attribute->payload, SK_MEMINFO_RCVBUF);
        row.drops = memory_value(attribute->payload, SK_MEMINFO_DROPS);
        break;
      case INET_DIAG_SKV6ONLY:
        if (!attribute->payload.empty() && row.family == Family::ipv6)
          row.v6only = attribute->payload[0] == std::byte{0} ? V6Only::no : V6Only::yes;
        break;
      default:
        break;
    }
  }
  return parsed;
}

ProbedSocket parse_probed(Protocol protocol, const Message& message) {
  const auto socket = socket_message(message);
  if (!socket) return {};
  const auto state = state_of(protocol, socket->idiag_state);
  return {cookie_of(*socket), state ? static_cast<std::uint8_t>(*state) : std::uint8_t{255}};
}

}  // namespace reuseport
