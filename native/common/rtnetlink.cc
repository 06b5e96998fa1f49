#include "rtnetlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace reuseport {
namespace {

template <typename Fixed>
std::vector<std::byte> build_dump_request(std::uint16_t type, const Fixed& fixed) {
  std::vector<std::byte> bytes(sizeof(nlmsghdr) + sizeof fixed);
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(bytes.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &fixed, sizeof fixed);
  return bytes;
}

// The fixed part of a message of this type; nothing for another type or a message that is too short.
template <typename Fixed>
std::optional<Fixed> fixed_part(const Message& message, std::uint16_t type) {
  if (message.header.nlmsg_type != type || message.payload.size() < sizeof(Fixed)) return std::nullopt;
  return read_as<Fixed>(message.payload);
}

std::string text_of(Bytes bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
  std::string text(static_cast<std::size_t>(end - bytes.begin()), '\0');
  std::transform(bytes.begin(), end, text.begin(), [](std::byte byte) { return static_cast<char>(byte); });
  return text;
}

}  // namespace

const std::uint32_t kInterfaceEvents = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

std::vector<std::byte> build_link_dump() {
  // Counters are two thirds of a reply and unused (rtnl_fill_ifinfo() in net/core/rtnetlink.c).
  struct {
    ifinfomsg link;
    nlattr attribute;
    std::uint32_t mask;
  } request{};
  request.attribute = {sizeof request.attribute + sizeof request.mask, IFLA_EXT_MASK};
  request.mask = RTEXT_FILTER_SKIP_STATS;
  return build_dump_request(RTM_GETLINK, request);
}

std::vector<std::byte> build_address_dump() { return build_dump_request(RTM_GETADDR, ifaddrmsg{}); }

std::optional<NetworkInterface> parse_link(const Message& message) {
  const auto link = fixed_part<ifinfomsg>(message, RTM_NEWLINK);
  if (!link || link->ifi_index <= 0) return std::nullopt;
  NetworkInterface found{static_cast<std::uint32_t>(link->ifi_index), {}};
  Attributes attributes(message.payload.subspan(sizeof(ifinfomsg)));
  while (const auto attribute = attributes.next())
    if (attribute->type == IFLA_IFNAME) found.name = text_of(attribute->payload);
  if (found.name.empty()) return std::nullopt;
  return found;
}

std::optional<InterfaceAddress> parse_address(const Message& message) {
  const auto fixed = fixed_part<ifaddrmsg>(message, RTM_NEWADDR);
  if (!fixed || fixed->ifa_index == 0 || (fixed->ifa_family != AF_INET && fixed->ifa_family != AF_INET6))
    return std::nullopt;
  const std::size_t length = fixed->ifa_family == AF_INET ? 4 : 16;
  // On a point-to-point link IFA_ADDRESS is the peer's; IPv6 sets IFA_LOCAL only there (linux/if_addr.h).
  std::optional<Bytes> own, any;
  Attributes attributes(message.payload.subspan(sizeof(ifaddrmsg)));
  while (const auto attribute = attributes.next()) {
    if (attribute->payload.size() < length) continue;
    if (attribute->type == IFA_LOCAL) own = attribute->payload;
    if (attribute->type == IFA_ADDRESS) any = attribute->payload;
  }
  const auto bytes = own ? own : any;
  if (!bytes) return std::nullopt;
  InterfaceAddress found{fixed->ifa_index, length == 4 ? Family::ipv4 : Family::ipv6, {}};
  std::memcpy(found.address.data(), bytes->data(), length);
  return found;
}

}  // namespace reuseport
