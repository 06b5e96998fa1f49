#include "port_guard.h"

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "namespaces.h"
#include "oracle.h"
#include "port_dump.h"

namespace reuseport::lab {
namespace {

// Clients that the oracle is asked about. Their ports are below those that clients are given.
constexpr unsigned kAskedClients = 16;
constexpr std::uint16_t kAskedPort = 7;

UniqueFd sock_diag_here() {
  try {
    return UniqueFd(::dup(open_namespace(std::nullopt).netlink.get()));
  } catch (const SystemError& failure) {
    throw LabError("oracle", failure.error, failure.operation);
  }
}

// An address as the lookup compares it: one that IPv6 maps from IPv4 takes the same packets as that.
struct Place {
  Family family;
  Address address;
  bool operator==(const Place&) const = default;
};

Place place_of(Family family, const Address& address) {
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
      connection_(make_kernel(sock_diag_here())) {}

bool PortGuard::is_own(std::uint64_t cookie) const {
  return std::ranges::any_of(lab_.members(), [&](const Member& member) { return member.facts.cookie == cookie; });
}

std::optional<std::uint64_t> PortGuard::stranger() {
  static const HolderIndex kNobody(0, {}, {}, {});
  const Place target = place_of(target_.family(), target_.bytes()), bound = place_of(bound_.family(), bound_.bytes());
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const PortDump dump = dump_port(connection_,
                                    {.protocol = lab_.plan().protocol,
                                     .family = family,
                                     .state = PortState::receiving,
                                     .port = lab_.port()},
                                    kNobody);
    for (std::size_t i = 0; i < dump.cookies.size(); i++) {
      Address address;
      std::copy_n(dump.addresses.begin() + static_cast<std::ptrdiff_t>(i * address.size()), address.size(), address.begin());
      const Place place = place_of(family, address);
      if ((place == target || place == bound) && !is_own(dump.cookies[i])) return dump.cookies[i];
    }
  }
  return std::nullopt;
}

void PortGuard::require_own() {
  const auto refuse = [](std::uint64_t cookie) {
    throw LabError("oracle", EADDRINUSE, "cookie " + std::to_string(cookie));
  };
  Oracle oracle(make_kernel(sock_diag_here()));
  const ProbeTarget question{.protocol = lab_.plan().protocol,
                             .family = target_.family(),
                             .local_address = target_.bytes(),
                             .local_port = lab_.port(),
                             .interface = ::if_nametoindex("lo")};
  std::vector<Remote> clients;
  for (unsigned i = 0; i < kAskedClients; i++)
    clients.push_back({.address = target_.loopback_ipv4() ? Endpoint::loopback_source(i).bytes() : target_.bytes(),
                       .port = static_cast<std::uint16_t>(kAskedPort + i)});
  bool reached = false;
  for (const std::uint64_t cookie : oracle.probe(question, clients).cookies) {
    if (cookie == 0) continue;
    if (!is_own(cookie)) refuse(cookie);
    reached = true;
  }
  if (!reached) throw LabError("oracle", ECONNREFUSED);
  if (const auto cookie = stranger()) refuse(*cookie);
}

}  // namespace reuseport::lab
