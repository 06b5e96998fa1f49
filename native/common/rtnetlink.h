// rtnetlink(7): builds requests for network interfaces and addresses and parses the replies. Pure: bytes in, values
// out.
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
  std::string name;  // at most 15 bytes, anything but '/', ':' and whitespace (dev_valid_name() in net/core/dev.c)
};

struct InterfaceAddress {
  std::uint32_t interface;  // index of the interface that has it
  Family family;
  Address address;
};

// Multicast groups that report every change to the results of the two dumps, for make_transport().
extern const std::uint32_t kInterfaceEvents;

// Dumps of all interfaces, up or down, and of all their addresses.
std::vector<std::byte> build_link_dump();
std::vector<std::byte> build_address_dump();

// The interface in a message of a link dump. Nothing for a message of another type, one that is too short, or one
// without an index or a name.
std::optional<NetworkInterface> parse_link(const Message& message);

// The address in a message of an address dump: the interface's own, not its peer's. Nothing for a message of another
// type or family, or one that is too short for its family.
std::optional<InterfaceAddress> parse_address(const Message& message);

}  // namespace reuseport
