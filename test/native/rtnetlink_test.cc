// Interfaces and addresses over rtnetlink: parsing, and rereading only after an event.
#include "common/rtnetlink.h"

#include <doctest/doctest.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <array>
#include <random>

#include "addon/interfaces.h"
#include "support/fake_transport.h"
#include "support/messages.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

Buffer link_payload(int index, const std::string& name) {
  ifinfomsg link{};
  link.ifi_index = index;
  Buffer bytes;
  append(bytes, &link, sizeof link);
  const std::uint32_t mtu = 1500;
  append_attribute(bytes, IFLA_MTU, &mtu, sizeof mtu);
  if (!name.empty()) append_attribute(bytes, IFLA_IFNAME, name.c_str(), name.size() + 1);
  return bytes;
}

struct AddressText {
  std::uint16_t attribute;
  std::string text;
};

Buffer address_payload(std::uint32_t index, int family, std::initializer_list<AddressText> addresses) {
  ifaddrmsg address{};
  address.ifa_family = static_cast<std::uint8_t>(family);
  address.ifa_index = index;
  Buffer bytes;
  append(bytes, &address, sizeof address);
  for (const auto& [attribute, text] : addresses) {
    std::array<std::byte, 16> value{};
    REQUIRE(::inet_pton(family, text.c_str(), value.data()) == 1);
    append_attribute(bytes, attribute, value.data(), family == AF_INET ? 4 : 16);
  }
  return bytes;
}

std::optional<NetworkInterface> link_of(const Buffer& payload, std::uint16_t type = RTM_NEWLINK) {
  const Buffer bytes = message(type, payload);
  return parse_link(first_message(bytes));
}

std::string text_of(const std::optional<InterfaceAddress>& address) {
  if (!address) return "none";
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address->family == Family::ipv4 ? AF_INET : AF_INET6, address->address.data(), text.data(), text.size());
  return text.data();
}

std::string address_of(const Buffer& payload, std::uint16_t type = RTM_NEWADDR) {
  const Buffer bytes = message(type, payload);
  return text_of(parse_address(first_message(bytes)));
}

// A namespace whose interfaces are set by the test.
struct Machine {
  std::shared_ptr<FakeTransport::Script> requests = std::make_shared<FakeTransport::Script>();
  std::shared_ptr<FakeTransport::Script> events = std::make_shared<FakeTransport::Script>();
  std::vector<std::pair<int, std::string>> links = {{1, "lo"}, {2, "eth0"}};
  int interruptions = 0;  // link dumps to mark as inconsistent
  int refusal = 0;        // errno to reply to dumps with
  int dumps = 0;
  InterfaceWatch watch{std::make_unique<FakeTransport>(requests), std::make_unique<FakeTransport>(events)};

  Machine() {
    requests->on_request = [this](const nlmsghdr& header, Bytes) {
      const auto deliver = [&](Buffer bytes) { requests->deliveries.push_back({std::move(bytes)}); };
      if (header.nlmsg_type == RTM_GETLINK) {
        dumps++;
        const std::uint16_t flags = NLM_F_MULTI | (interruptions-- > 0 ? NLM_F_DUMP_INTR : 0);
        for (const auto& [index, name] : links)
          deliver(message(RTM_NEWLINK, link_payload(index, name), header.nlmsg_seq, header.nlmsg_pid, flags));
      } else {
        deliver(message(RTM_NEWADDR, address_payload(1, AF_INET, {{IFA_LOCAL, "127.0.0.1"}}), header.nlmsg_seq));
      }
      deliver(message(NLMSG_DONE, number(-refusal), header.nlmsg_seq));
    };
  }

  void event() { events->deliveries.push_back({message(RTM_NEWLINK, link_payload(2, "eth0"), 0, 0)}); }
  // Names in one line; "unchanged" if there is nothing new.
  std::string read() {
    const auto found = watch.read_if_changed();
    if (!found) return "unchanged";
    std::string names;
    for (const auto& [index, name] : found->links) names += std::to_string(index) + ":" + name + " ";
    return names;
  }
};

}  // namespace

TEST_CASE("a link's message gives its index and name") {
  const auto found = link_of(link_payload(7, "wire"));
  REQUIRE(found);
  CHECK(found->index == 7);
  CHECK(found->name == "wire");
}

TEST_CASE("a name without a NUL is read to the end of its attribute") {
  Buffer bytes = link_payload(3, "");
  append_attribute(bytes, IFLA_IFNAME, "wire", 4);
  const auto found = link_of(bytes);
  REQUIRE(found);
  CHECK(found->name == "wire");
}

TEST_CASE("a message that is not a link gives none") {
  CHECK_FALSE(link_of(link_payload(7, "wire"), RTM_DELLINK));
  CHECK_FALSE(link_of(link_payload(0, "wire")));
  CHECK_FALSE(link_of(link_payload(-1, "wire")));
  CHECK_FALSE(link_of(link_payload(7, "")));
  CHECK_FALSE(link_of(Buffer(sizeof(ifinfomsg) - 1)));
  CHECK_FALSE(link_of({}));
}

TEST_CASE("an address is the interface's own, not that of its peer") {
  CHECK(address_of(address_payload(2, AF_INET, {{IFA_ADDRESS, "10.0.0.2"}, {IFA_LOCAL, "10.0.0.1"}})) == "10.0.0.1");
  CHECK(address_of(address_payload(2, AF_INET6, {{IFA_LOCAL, "fd00::1"}, {IFA_ADDRESS, "fd00::2"}})) == "fd00::1");
  CHECK(address_of(address_payload(2, AF_INET6, {{IFA_ADDRESS, "fe80::1"}})) == "fe80::1");
}

TEST_CASE("a message that is not an address gives none") {
  CHECK(address_of(address_payload(2, AF_INET, {{IFA_LOCAL, "10.0.0.1"}}), RTM_DELADDR) == "none");
  CHECK(address_of(address_payload(0, AF_INET, {{IFA_LOCAL, "10.0.0.1"}})) == "none");
  CHECK(address_of(address_payload(2, AF_INET, {})) == "none");
  CHECK(address_of(address_payload(2, AF_INET, {{IFA_BROADCAST, "10.0.0.255"}})) == "none");
  CHECK(address_of(Buffer(sizeof(ifaddrmsg) - 1)) == "none");
  // As long as an IPv4 address, in an IPv6 message.
  Buffer bytes = address_payload(2, AF_INET6, {});
  append_attribute(bytes, IFA_ADDRESS, "abcd", 4);
  CHECK(address_of(bytes) == "none");
}

TEST_CASE("nothing outside random bytes is read as interfaces") {
  const unsigned seed = 20130527;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 5000; round++) {
    Buffer payload(random() % 80);
    for (auto& byte : payload) byte = static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 12);
    // A heap block of the exact size, so that the address sanitizer detects any overread.
    Buffer bytes = message(round % 2 == 0 ? RTM_NEWLINK : RTM_NEWADDR, payload);
    bytes.resize(sizeof(nlmsghdr) + payload.size());
    bytes.shrink_to_fit();
    parse_link(first_message(bytes));
    parse_address(first_message(bytes));
  }
}

TEST_CASE("interfaces are read once, and again after an event") {
  Machine machine;
  CHECK(machine.read() == "1:lo 2:eth0 ");
  CHECK(machine.read() == "unchanged");
  machine.links[1].second = "wire";
  CHECK(machine.read() == "unchanged");
  machine.event();
  CHECK(machine.read() == "1:lo 2:wire ");
  CHECK(machine.read() == "unchanged");
  CHECK(machine.dumps == 2);
}

TEST_CASE("many events cause one read") {
  Machine machine;
  machine.read();
  for (int i = 0; i < 100; i++) machine.event();
  CHECK(machine.read() != "unchanged");
  CHECK(machine.read() == "unchanged");
  CHECK(machine.dumps == 2);
}

TEST_CASE("lost events count as a change, messages of other processes do not") {
  Machine machine;
  machine.read();
  machine.events->deliveries.push_back({{}, ENOBUFS});
  CHECK(machine.read() != "unchanged");
  machine.events->deliveries.push_back({message(RTM_NEWLINK, link_payload(2, "eth0")), 0, 4711});
  CHECK(machine.read() == "unchanged");
}

TEST_CASE("an inconsistent dump is retried, and again at the next call if it stays inconsistent") {
  Machine machine;
  machine.interruptions = 1;
  CHECK(machine.read() == "1:lo 2:eth0 ");
  CHECK(machine.dumps == 2);
  CHECK(machine.read() == "unchanged");
  machine.event();
  machine.interruptions = 3;
  CHECK(machine.read() == "1:lo 2:eth0 ");
  CHECK(machine.read() == "1:lo 2:eth0 ");
  CHECK(machine.read() == "unchanged");
}

TEST_CASE("a refused dump is an error, and retried at the next call") {
  Machine machine;
  machine.refusal = EPERM;
  for (int i = 0; i < 2; i++) {
    try {
      machine.read();
      FAIL("it was answered");
    } catch (const SystemError& error) {
      CHECK(error.error == EPERM);
      CHECK(error.operation == "dump network interfaces");
    }
  }
  machine.refusal = 0;
  CHECK(machine.read() == "1:lo 2:eth0 ");
}

TEST_CASE("a failing event socket is an error, not \"unchanged\"") {
  Machine machine;
  machine.read();
  machine.events->deliveries.push_back({{}, EBADF});
  CHECK_THROWS_AS(machine.read(), const SystemError&);
}
