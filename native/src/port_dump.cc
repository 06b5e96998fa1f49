#include "port_dump.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <cstring>
#include <unordered_set>

namespace reuseport {
namespace {

// include/net/tcp_states.h
constexpr unsigned kEstablished = 1;
constexpr unsigned kClose = 7;
constexpr unsigned kListen = 10;

constexpr std::uint32_t states_of(const PortQuery& query) {
  if (query.state == PortState::established) return 1u << kEstablished;
  return query.protocol == Protocol::tcp ? 1u << kListen : (1u << kClose | 1u << kEstablished);
}

std::vector<std::byte> build_request(const PortQuery& query) {
  inet_diag_req_v2 request{};
  request.sdiag_family = query.family == Family::ipv4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = static_cast<std::uint8_t>(query.protocol);
  request.idiag_states = states_of(query);
  request.id.idiag_sport = htons(query.port);
  nlmsghdr header{};
  header.nlmsg_len = sizeof header + sizeof request;
  header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  std::vector<std::byte> bytes(sizeof header + sizeof request);
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &request, sizeof request);
  return bytes;
}

}  // namespace

PortDump dump_port(Connection& connection, const PortQuery& query, const HolderIndex& holders) {
  PortDump found;
  std::unordered_set<std::uint64_t> seen;
  connection.dump(build_request(query), "dump the sockets of a port", [&](const Message& message, std::uint32_t) {
    if (message.header.nlmsg_type != SOCK_DIAG_BY_FAMILY || message.payload.size() < sizeof(inet_diag_msg)) return;
    const auto socket = read_as<inet_diag_msg>(message.payload);
    const std::uint64_t cookie = std::uint64_t{socket.id.idiag_cookie[1]} << 32 | socket.id.idiag_cookie[0];
    if (!seen.insert(cookie).second) return;
    const auto held = holders.of(socket.idiag_inode);
    found.cookies.push_back(cookie);
    found.inodes.push_back(socket.idiag_inode);
    found.pids.push_back(socket.idiag_inode == 0 || held.empty() ? 0 : held.front().pid);
    found.ports.push_back(ntohs(socket.id.idiag_sport));
    const std::size_t used = query.family == Family::ipv4 ? 4 : 16;
    const std::size_t at = found.addresses.size();
    found.addresses.resize(at + 16);
    std::memcpy(found.addresses.data() + at, socket.id.idiag_src, used);
  });
  return found;
}

}  // namespace reuseport
