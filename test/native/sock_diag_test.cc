#include "common/sock_diag.h"

#include <doctest/doctest.h>

#include "support/messages.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

std::optional<SocketRow> parse(Protocol protocol, const DiagSocket& socket) {
  const Buffer bytes = socket.bytes();
  return parse_socket(protocol, 4026531840u, first_message(bytes));
}

Address address(std::initializer_list<std::uint8_t> bytes) {
  Address value{};
  std::copy(bytes.begin(), bytes.end(), value.begin());
  return value;
}

}  // namespace

TEST_CASE("a TCP listener: accept queue and backlog") {
  DiagSocket socket{.cookie = 0x1122334455667788u, .address = "192.0.2.1", .port = 443};
  socket.interface = 3;
  socket.uid = 33;
  socket.inode = 4711;
  socket.rqueue = 5;
  socket.wqueue = 511;
  socket.cgroup = 0x100000002u;
  const auto row = parse(Protocol::tcp, socket);
  REQUIRE(row);
  CHECK(row->cookie == 0x1122334455667788u);
  CHECK(row->netns == 4026531840u);
  CHECK(row->address == address({192, 0, 2, 1}));
  CHECK(row->port == 443);
  CHECK(row->interface == 3);
  CHECK(row->uid == 33);
  CHECK(row->inode == 4711);
  CHECK(row->queue_length == 5);
  CHECK(row->queue_limit == 511);
  CHECK(row->state == State::listening);
  CHECK(row->family == Family::ipv4);
  CHECK(row->v6only == V6Only::no);
  CHECK(row->drops == kUnknown);
  CHECK(row->holders == kUnknown);
}

TEST_CASE("states that are shown") {
  const auto state = [](Protocol protocol, unsigned number) {
    const auto row = parse(protocol, {.state = number});
    return row ? std::optional(row->state) : std::nullopt;
  };
  CHECK(state(Protocol::tcp, 10) == State::listening);
  CHECK(state(Protocol::tcp, 7) == State::bound);
  CHECK(state(Protocol::udp, 7) == State::unconnected);
  CHECK(state(Protocol::udp, 1) == State::connected);
  for (const unsigned other : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 8u, 9u, 11u, 12u, 13u, 255u})
    CHECK_FALSE(state(Protocol::tcp, other));
  for (const unsigned other : {0u, 2u, 10u, 13u}) CHECK_FALSE(state(Protocol::udp, other));
}

TEST_CASE("a bound TCP socket has no queue limit") {
  const auto row = parse(Protocol::tcp, {.state = 7, .rqueue = 9, .wqueue = 9});
  CHECK(row->queue_length == 0);
  CHECK(row->queue_limit == kUnknown);
}

TEST_CASE("UDP: queued bytes; limit and drops only if the kernel reports them") {
  DiagSocket socket{.state = 7, .rqueue = 768, .wqueue = 4};
  auto row = parse(Protocol::udp, socket);
  CHECK(row->queue_length == 768);
  CHECK(row->queue_limit == kUnknown);
  CHECK(row->drops == kUnknown);
  socket.memory = {768, 212992, 0, 212992, 0, 0, 0, 0, 17};
  row = parse(Protocol::udp, socket);
  CHECK(row->queue_limit == 212992);
  CHECK(row->drops == 17);
  socket.memory.resize(8);  // before Linux 4.7 there were no drops
  row = parse(Protocol::udp, socket);
  CHECK(row->queue_limit == 212992);
  CHECK(row->drops == kUnknown);
  socket.memory.resize(1);
  row = parse(Protocol::udp, socket);
  CHECK(row->queue_limit == kUnknown);
  socket.memory.assign(20, 1);  // and a future kernel may add more
  CHECK(parse(Protocol::udp, socket)->drops == 1);
}

TEST_CASE("the memory info of a listener does not replace its backlog") {
  const auto row = parse(Protocol::tcp, {.wqueue = 64, .memory = {0, 131072, 0, 16384, 0, 0, 0, 0, 3}});
  CHECK(row->queue_limit == 64);
  CHECK(row->drops == 3);
}

TEST_CASE("a connected UDP socket has a remote, an unconnected one none") {
  DiagSocket socket{.state = 1, .remote_address = "198.51.100.7", .remote_port = 5353};
  auto row = parse(Protocol::udp, socket);
  CHECK(row->remote_address == address({198, 51, 100, 7}));
  CHECK(row->remote_port == 5353);
  socket.state = 7;
  row = parse(Protocol::udp, socket);
  CHECK(row->remote_address == Address{});
  CHECK(row->remote_port == 0);
}

TEST_CASE("IPv6: v6only as reported, else unknown") {
  DiagSocket socket{.family = AF_INET6, .address = "2001:db8::1"};
  CHECK(parse(Protocol::tcp, socket)->v6only == V6Only::unknown);
  socket.v6only = true;
  CHECK(parse(Protocol::tcp, socket)->v6only == V6Only::yes);
  socket.v6only = false;
  const auto row = parse(Protocol::tcp, socket);
  CHECK(row->v6only == V6Only::no);
  CHECK(row->family == Family::ipv6);
  CHECK(row->address == address({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST_CASE("IPv4 addresses use four bytes, whatever is in the others") {
  DiagSocket socket;
  Buffer bytes = socket.bytes();
  for (std::size_t i = 0; i < 12; i++) bytes[16 + 4 + 4 + 4 + i] = std::byte{0xee};
  CHECK(parse_socket(Protocol::tcp, 1, first_message(bytes))->address == address({127, 0, 0, 1}));
}

TEST_CASE("messages that are not sockets give nothing") {
  const DiagSocket socket;
  const Buffer whole = socket.payload();
  CHECK_FALSE(parse_socket(Protocol::tcp, 1, first_message(message(NLMSG_DONE, whole))));
  CHECK_FALSE(parse_socket(Protocol::tcp, 1, first_message(message(SOCK_DIAG_BY_FAMILY, Bytes(whole).first(71)))));
  CHECK_FALSE(parse_socket(Protocol::tcp, 1, first_message(message(SOCK_DIAG_BY_FAMILY, Bytes{}))));
  CHECK_FALSE(parse(Protocol::tcp, {.family = AF_UNIX, .address = ""}));
  CHECK_FALSE(parse(Protocol::tcp, {.cookie = 0}));
  // The fixed part alone is enough.
  CHECK(parse_socket(Protocol::tcp, 1, first_message(message(SOCK_DIAG_BY_FAMILY, Bytes(whole).first(72)))));
  CHECK(parse_socket(Protocol::tcp, 1, first_message(message(TCPDIAG_GETSOCK, whole))));
}

TEST_CASE("short attributes are ignored") {
  DiagSocket socket{.family = AF_INET6, .address = "::1"};
  Buffer payload = socket.payload();
  append_attribute(payload, INET_DIAG_SKV6ONLY, "", 0);
  append_attribute(payload, INET_DIAG_CGROUP_ID, "abcdefg", 7);
  append_attribute(payload, INET_DIAG_SKMEMINFO, "abc", 3);
  const auto row = parse_socket(Protocol::tcp, 1, first_message(message(SOCK_DIAG_BY_FAMILY, payload)));
  REQUIRE(row);
  CHECK(row->v6only == V6Only::unknown);
  CHECK(row->drops == kUnknown);
}

TEST_CASE("dump requests include memory only on request, and can be widened") {
  const auto tcp = [](bool memory, unsigned widen) {
    const auto bytes = build_dump(SocketTableKind::tcp, {.memory = memory, .widen = widen});
    const Message request = first_message(bytes);
    CHECK(request.header.nlmsg_type == TCPDIAG_GETSOCK);
    CHECK(request.header.nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP));
    CHECK(request.header.nlmsg_len == bytes.size());
    return read_as<inet_diag_req>(request.payload);
  };
  CHECK(tcp(false, 0).idiag_ext == 0);
  CHECK(tcp(false, 0).idiag_states == (1u << 10 | 1u << 13));
  CHECK(tcp(true, 0).idiag_ext == 1u << (INET_DIAG_SKMEMINFO - 1));
  CHECK(tcp(false, 1).idiag_ext != tcp(false, 2).idiag_ext);
  CHECK(tcp(false, 4).idiag_ext == 0);
  const auto listeners = build_dump(SocketTableKind::tcp, {.bound = false});
  CHECK(read_as<inet_diag_req>(first_message(listeners).payload).idiag_states == 1u << 10);

  const auto udp = build_dump(SocketTableKind::udp_ipv6, {.memory = true});
  const auto request = read_as<inet_diag_req_v2>(first_message(udp).payload);
  CHECK(request.sdiag_family == AF_INET6);
  CHECK(request.sdiag_protocol == IPPROTO_UDP);
  CHECK(request.idiag_states == (1u << 7 | 1u << 1));
}

TEST_CASE("a probe puts the client where the kernel expects it: swapped for UDP") {
  ProbeTarget target{Protocol::tcp, Family::ipv4, address({127, 0, 0, 1}), 443, 2};
  const Remote remote{address({198, 51, 100, 1}), 40000};
  std::vector<std::byte> bytes(kProbeSize);
  const auto built = [&] {
    build_probe(target, remote, bytes);
    return read_as<inet_diag_req_v2>(first_message(bytes).payload);
  };
  auto request = built();
  CHECK(request.id.idiag_sport == htons(443));
  CHECK(request.id.idiag_dport == htons(40000));
  CHECK(request.id.idiag_src[0] == htonl(0x7f000001));
  CHECK(request.id.idiag_dst[0] == htonl(0xc6336401));
  CHECK(request.id.idiag_if == 2);
  CHECK(request.id.idiag_cookie[0] == INET_DIAG_NOCOOKIE);
  CHECK(request.id.idiag_cookie[1] == INET_DIAG_NOCOOKIE);
  target.protocol = Protocol::udp;
  request = built();
  CHECK(request.id.idiag_sport == htons(40000));
  CHECK(request.id.idiag_dport == htons(443));
  CHECK(request.id.idiag_src[0] == htonl(0xc6336401));
}
