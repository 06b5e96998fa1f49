#include "port_dump.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <unordered_set>

#include "options.h"
#include "socket_states.h"

namespace reuseport {
namespace {

constexpr unsigned kLastState = kNewSynRecv;

constexpr std::uint32_t states_of(const PortQuery& query) {
  if (query.state == PortState::established) return 1u << kEstablished;
  if (query.state == PortState::waiting) return 1u << kEstablished | 1u << kCloseWait;
  if (query.state == PortState::connections) return ((2u << kLastState) - 2) & ~(1u << kClose | 1u << kListen);
  return query.protocol == Protocol::tcp ? 1u << kListen : (1u << kClose | 1u << kEstablished);
}

std::vector<std::byte> build_request(const PortQuery& query) {
  inet_diag_req_v2 request{};
  request.sdiag_family = query.family == Family::ipv4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = static_cast<std::uint8_t>(query.protocol);
  request.idiag_states = states_of(query);
  if (query.state == PortState::waiting) request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
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

// Milliseconds since the handshake of a connection that no process has accepted, so that it has sent nothing: "last data
// sent" begins when the socket is made (tcp_create_openreq_child() in net/ipv4/tcp_minisocks.c).
std::uint32_t waited_ms(std::span<const std::byte> after_message) {
  constexpr std::size_t kAt = offsetof(tcp_info, tcpi_last_data_sent);
  Attributes attributes(after_message);
  while (const auto attribute = attributes.next()) {
    std::uint32_t waited = kUnknownWait;
    if (attribute->type != INET_DIAG_INFO || attribute->payload.size() < kAt + sizeof waited) continue;
    std::memcpy(&waited, attribute->payload.data() + kAt, sizeof waited);
    return waited;
  }
  return kUnknownWait;
}

// The options as read from the first readable holder.
std::uint8_t options_of(std::uint32_t inode, std::uint64_t cookie, std::span<const HolderRow> held) {
  for (const HolderRow& holder : held) {
    const OptionQuery query{holder.pid, holder.fd, cookie, inode};
    const OptionAnswer answer = read_options(std::span(&query, 1)).front();
    if (answer.status == OptionStatus::read) return answer.options.bits;
  }
  return 0;
}

}  // namespace

PortDump dump_port(NetlinkConnection& connection, const PortQuery& query, const HolderIndex& holders) {
  PortDump found;
  std::unordered_set<std::uint64_t> seen;
  connection.dump(build_request(query), "dump the sockets of a port", [&](const Message& message, std::uint32_t) {
    if (message.header.nlmsg_type != SOCK_DIAG_BY_FAMILY || message.payload.size() < sizeof(inet_diag_msg)) return;
    const auto socket = read_as<inet_diag_msg>(message.payload);
    const std::uint64_t cookie = std::uint64_t{socket.id.idiag_cookie[1]} << 32 | socket.id.idiag_cookie[0];
    if (!seen.insert(cookie).second) return;
    // One that was accepted has an inode.
    if (query.state == PortState::waiting) {
      if (socket.idiag_inode != 0) return;
      found.waited_ms.push_back(waited_ms(message.payload.subspan(sizeof socket)));
    }
    const auto held = holders.of(socket.idiag_inode);
    found.cookies.push_back(cookie);
    found.inodes.push_back(socket.idiag_inode);
    found.pids.push_back(socket.idiag_inode == 0 || held.empty() ? 0 : held.front().pid);
    found.ports.push_back(ntohs(socket.id.idiag_sport));
    const std::size_t used = query.family == Family::ipv4 ? 4 : 16;
    const std::size_t at = found.addresses.size();
    found.addresses.resize(at + 16);
    std::memcpy(found.addresses.data() + at, socket.id.idiag_src, used);
    found.interfaces.push_back(socket.id.idiag_if);
    found.remote_ports.push_back(ntohs(socket.id.idiag_dport));
    found.remote_addresses.resize(at + 16);
    std::memcpy(found.remote_addresses.data() + at, socket.id.idiag_dst, used);
    found.uids.push_back(socket.idiag_uid);
    found.states.push_back(socket.idiag_state);
    if (query.state == PortState::connections) found.options.push_back(options_of(socket.idiag_inode, cookie, held));
  });
  return found;
}

PortDump dump_port(ProcNet& files, const PortQuery& query, const HolderIndex& holders) {
  PortDump found;
  files.read_entries(query.family, [&](const ProcEntry& entry) {
    // Half-open requests are listed as SYN_RECV without an inode (get_openreq4() in net/ipv4/tcp_ipv4.c).
    const bool request = query.protocol == Protocol::tcp && entry.state == kSynRecv && entry.inode == 0;
    const unsigned state = request ? kNewSynRecv : entry.state;
    if (state > kLastState || (states_of(query) & 1u << state) == 0) return;
    if (query.port != 0 && entry.port != query.port) return;
    if (query.state == PortState::waiting) {
      if (entry.inode != 0) return;
      found.waited_ms.push_back(kUnknownWait);
    }
    const std::uint64_t cookie = entry.inode == 0 ? 0 : inode_key(entry.inode);
    const auto held = entry.inode == 0 ? std::span<const HolderRow>{} : holders.of(entry.inode);
    found.cookies.push_back(cookie);
    found.inodes.push_back(entry.inode);
    found.pids.push_back(held.empty() ? 0 : held.front().pid);
    found.ports.push_back(entry.port);
    found.addresses.insert(found.addresses.end(), entry.address.begin(), entry.address.end());
    found.interfaces.push_back(0);
    found.remote_ports.push_back(entry.remote_port);
    found.remote_addresses.insert(found.remote_addresses.end(), entry.remote_address.begin(),
                                  entry.remote_address.end());
    found.uids.push_back(entry.uid);
    found.states.push_back(static_cast<std::uint8_t>(state));
    if (query.state == PortState::connections) found.options.push_back(options_of(entry.inode, cookie, held));
  });
  return found;
}

}  // namespace reuseport
