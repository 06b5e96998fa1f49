// rtnetlink(7): the requests for network interfaces and their addresses, and the answers. Pure: bytes in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netlink.h"
#include "records.h"

namespace reuseport {

struct NetworkInterface {
  std::uint32_t index;
  std::string name;  // at most 15 bytes, any but '/', ':' and white space (dev_valid_name() in net/core/dev.c)
};

struct InterfaceAddress {
  std::uint32_t interface;  // index of the interface that has it
  Family family;
  Address address;
};

// Multicast groups that report every change of what the two dumps give, for make_kernel().
extern const std::uint32_t kInterfaceEvents;

// Dumps of all interfaces, up or down, and of all their addresses.
std::vector<std::byte> build_link_dump();
std::vector<std::byte> build_address_dump();

// The interface in a link dump's message. Nothing for a message of another kind, one that is too short, or one without
// an index or a name.
std::optional<NetworkInterface> parse_link(const Message& message);

// The address in an address dump's message: the interface's own, not its peer's. Nothing for a message of another kind,
// another family, or one that is too short for what it announces.
std::optional<InterfaceAddress> parse_address(const Message& message);

}  // namespace reuseport
