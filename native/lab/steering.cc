#include "steering.h"

#include <sys/socket.h>

#include <cerrno>

namespace reuseport::lab {
namespace {

constexpr auto kAncillary = static_cast<std::uint32_t>(SKF_AD_OFF);
// The program sees the packet after its TCP or UDP header; this offset reaches the network header.
constexpr auto kNetwork = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t kIpv6Header = 40;

sock_filter statement(unsigned code, std::uint32_t k) { return BPF_STMT(static_cast<std::uint16_t>(code), k); }

// Loads the source port, the first two bytes after the network header, of IPv4 with any options and of IPv6.
std::vector<sock_filter> load_source_port() {
  return {
      statement(BPF_LD | BPF_B | BPF_ABS, kNetwork),
      statement(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 2),
      statement(BPF_LD | BPF_H | BPF_ABS, kNetwork + kIpv6Header),
      statement(BPF_JMP | BPF_JA, 5),
      statement(BPF_LD | BPF_B | BPF_ABS, kNetwork),  // the header length in 4-byte words
      statement(BPF_ALU | BPF_AND | BPF_K, 0x0f),
      statement(BPF_ALU | BPF_LSH | BPF_K, 2),
      statement(BPF_MISC | BPF_TAX, 0),
      statement(BPF_LD | BPF_H | BPF_IND, kNetwork),
  };
}

}  // namespace

std::vector<sock_filter> steering_program(Steering how, unsigned members, unsigned steer_to) {
  std::vector<sock_filter> program;
  switch (how) {
    case Steering::hash:
    case Steering::sock_array:
      return {};
    case Steering::member:
      return {statement(BPF_RET | BPF_K, steer_to)};
    case Steering::random:
      program = {statement(BPF_LD | BPF_W | BPF_ABS, kAncillary + SKF_AD_RANDOM)};
      break;
    case Steering::cpu:
      program = {statement(BPF_LD | BPF_W | BPF_ABS, kAncillary + SKF_AD_CPU)};
      break;
    case Steering::source_port:
      program = load_source_port();
      break;
    case Steering::others:
      if (members < 2) return {};
      return {
          statement(BPF_LD | BPF_W | BPF_ABS, kAncillary + SKF_AD_RANDOM),
          statement(BPF_ALU | BPF_MOD | BPF_K, members - 1),
          BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, steer_to, 0, 1),
          statement(BPF_ALU | BPF_ADD | BPF_K, 1),
          statement(BPF_RET | BPF_A, 0),
      };
  }
  if (members == 0) return {};  // no member is left
  program.push_back(statement(BPF_ALU | BPF_MOD | BPF_K, members));
  program.push_back(statement(BPF_RET | BPF_A, 0));
  return program;
}

void attach_steering(int listener, std::vector<sock_filter> program) {
  if (program.empty()) {
    const int none = 0;
    if (::setsockopt(listener, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none, sizeof none) < 0 && errno != ENOENT)
      throw LabError("setsockopt SO_DETACH_REUSEPORT_BPF", errno);
    return;
  }
  const sock_fprog whole{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  if (::setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &whole, sizeof whole) < 0)
    throw LabError("setsockopt SO_ATTACH_REUSEPORT_CBPF", errno);
}

}  // namespace reuseport::lab
