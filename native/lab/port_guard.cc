#include "port_guard.h"

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "common/kernel_lookup.h"
#include "common/namespaces.h"
#include "common/port_dump.h"

namespace reuseport::lab {
namespace {

// Made-up clients for the kernel lookup. Their ports are below the ephemeral range.
constexpr unsigned kProbedClients = 16;
constexpr std::uint16_t kFirstProbePort = 7;

UniqueFd sock_diag_here() {
  try {
    return UniqueFd(::dup(open_namespace(std::nullopt).netlink.get()));
  } catch (const SystemError& failure) {
    throw LabError("kernel-lookup", failure.error, failure.operation);
  }
}

// An address as the lookup compares it: an IPv4-mapped IPv6 address receives the same packets as the IPv4 one.
struct BoundAddress {
  Family family;
  Address address;
  bool operator==(const BoundAddress&) const = default;
};

BoundAddress bound_address(Family family, const Address& address) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (family == Family::ipv4 || std::memcmp(address.data(), kMapped, sizeof kMapped) != 0) return {family, address};
  Address mapped{};
  std::copy_n(address.begin() + sizeof kMapped, 4, mapped.begin());
  return {Family::ipv4, mapped};
}

}  // namespace

PortGuard::PortGuard(const Lab& lab, const Endpoint& target)
    : lab_(lab),
      target_(target),
      bound_(Endpoint::parse(lab.plan().address, lab.port())),
      connection_(make_transport(sock_diag_here())) {}

bool PortGuard::is_own(std::uint64_t cookie) const {
  return std::ranges::any_of(lab_.members(), [&](const Member& member) { return member.facts.cookie == cookie; });
}

std::optional<std::uint64_t> PortGuard::foreign_socket() {
  static const HolderIndex kNoHolders(0, {}, {}, {});
  const BoundAddress target = bound_address(target_.family(), target_.bytes()),
                     bound = bound_address(bound_.family(), bound_.bytes());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const PortDump dump = dump_port(
        connection_,
        {.protocol = lab_.plan().protocol, .family = family, .state = PortState::receiving, .port = lab_.port()},
        kNoHolders);
    for (std::size_t i = 0; i < dump.cookies.size(); i++) {
      Address address;
      std::copy_n(dump.addresses.begin() + static_cast<std::ptrdiff_t>(i * address.size()), address.size(),
                  address.begin());
      const BoundAddress found = bound_address(family, address);
      if ((found == target || found == bound) && !is_own(dump.cookies[i])) return dump.cookies[i];
    }
  }
  return std::nullopt;
}

void PortGuard::require_own() {
  const auto refuse = [](std::uint64_t cookie) {
    throw LabError("kernel-lookup", EADDRINUSE, "cookie " + std::to_string(cookie));
  };
  KernelLookup lookup(make_transport(sock_diag_here()));
  const ProbeTarget target{.protocol = lab_.plan().protocol,
                           .family = target_.family(),
                           .local_address = target_.bytes(),
                           .local_port = lab_.port(),
                           .interface = ::if_nametoindex("lo")};
  std::vector<Remote> clients;
  for (unsigned i = 0; i < kProbedClients; i++)
    clients.push_back({.address = target_.loopback_ipv4() ? Endpoint::loopback_source(i).bytes() : target_.bytes(),
                       .port = static_cast<std::uint16_t>(kFirstProbePort + i)});
  bool reached = false;
  for (const std::uint64_t cookie : lookup.probe(target, clients).cookies) {
    if (cookie == 0) continue;
    if (!is_own(cookie)) refuse(cookie);
    reached = true;
  }
  if (!reached) throw LabError("kernel-lookup", ECONNREFUSED);
  if (const auto cookie = foreign_socket()) refuse(*cookie);
}

}  // namespace reuseport::lab
