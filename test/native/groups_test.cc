#include "addon/groups.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace reuseport;

namespace {

SocketRow socket_of(Protocol protocol, State state) {
  SocketRow row;
  row.interface = 0;
  row.protocol = protocol;
  row.state = state;
  row.family = Family::ipv4;
  row.uid = 33;
  row.netns = 1;
  row.port = 53;
  row.queue_limit = 100;
  return row;
}

SocketRow tcp(State state = State::listening) { return socket_of(Protocol::tcp, state); }
SocketRow udp(int options = 0, State state = State::unconnected) {
  SocketRow row = socket_of(Protocol::udp, state);
  row.options = static_cast<std::uint8_t>(options);
  return row;
}

GroupRow summary(std::initializer_list<SocketRow> sockets, std::span<const HolderRow> holders = {},
                 bool has_neighbor = false, bool reads_options = false) {
  GroupSummary summary;
  for (const SocketRow& socket : sockets) summary.add(socket, holders);
  return summary.row(key_of(*sockets.begin()), has_neighbor, reads_options);
}

void says(const GroupRow& row, Sharing sharing, Evidence evidence) {
  CHECK(row.sharing == sharing);
  CHECK(row.evidence == evidence);
}

constexpr int kSocketPort = kOptionsFromSocket | kReusePort;
constexpr int kSocketAddr = kOptionsFromSocket | kReuseAddr;
constexpr int kLookupPort = kOptionsFromLookup | kReusePort;
constexpr int kLookupAddr = kOptionsFromLookup | kReuseAddr;

}  // namespace

TEST_CASE("two TCP listeners on one key share by SO_REUSEPORT, with or without known options") {
  says(summary({tcp(), tcp()}), Sharing::reuseport, Evidence::co_listening);
}

TEST_CASE("a bound TCP socket belongs to the group and receives nothing") {
  const GroupRow two = summary({tcp(), tcp(State::bound), tcp()});
  says(two, Sharing::reuseport, Evidence::co_listening);
  CHECK(two.sockets == 3);
  CHECK(two.receiving == 2);
  CHECK(two.queue_limit == 200);
  says(summary({tcp(), tcp(State::bound)}), Sharing::none, Evidence::none);
  const GroupRow none = summary({tcp(State::bound), tcp(State::bound)});
  says(none, Sharing::none, Evidence::none);
  CHECK(none.fullest == kUnknown);
}

TEST_CASE("a single listener is a group of one if it has the option, else unshared or inherited") {
  SocketRow one = tcp();
  const HolderRow same_process[] = {{1, 10, 3, 0}, {1, 10, 4, 0}};
  const HolderRow two_processes[] = {{1, 10, 3, 0}, {1, 11, 3, 1}};
  says(summary({one}), Sharing::none, Evidence::none);
  says(summary({one}, same_process), Sharing::none, Evidence::none);
  says(summary({one}, two_processes), Sharing::inherited, Evidence::none);
  one.options = kSocketPort;
  says(summary({one}, same_process), Sharing::reuseport, Evidence::socket_option);
  // The option has no effect: there is no second socket.
  says(summary({one}, two_processes), Sharing::inherited, Evidence::none);
}

TEST_CASE("a single socket does not count as unshared before its options were read") {
  const HolderRow one_process[] = {{1, 10, 3, 0}};
  const HolderRow two_processes[] = {{1, 10, 3, 0}, {1, 11, 3, 1}};
  for (SocketRow one : {tcp(), udp()}) {
    const auto now = [&](std::span<const HolderRow> holders) { return summary({one}, holders, false, true); };
    says(now(one_process), Sharing::unknown, Evidence::none);
    CHECK(now(one_process).pending == 1);
    says(now(two_processes), Sharing::inherited, Evidence::none);
    CHECK(now(two_processes).pending == 0);
    // Could not be read: unshared, as far as is known.
    one.options = kOptionsRefused;
    says(now({}), Sharing::none, Evidence::none);
    CHECK(now({}).pending == 0);
    one.options = kOptionsFromSocket;
    says(now(one_process), Sharing::none, Evidence::none);
    one.options = kSocketPort;
    says(now(one_process), Sharing::reuseport, Evidence::socket_option);
    CHECK(now(one_process).pending == 0);
  }
  says(summary({udp(0, State::connected)}, one_process, false, true), Sharing::none, Evidence::none);
}

TEST_CASE("UDP sockets are classified by their known options, or as unknown") {
  says(summary({udp(), udp()}), Sharing::unknown, Evidence::none);
  says(summary({udp(kSocketPort), udp(kSocketPort)}), Sharing::reuseport, Evidence::socket_option);
  says(summary({udp(kSocketPort), udp(), udp(kSocketPort)}), Sharing::reuseport, Evidence::socket_option);
  says(summary({udp(kLookupPort), udp(kLookupPort)}), Sharing::reuseport, Evidence::kernel_lookup);
  says(summary({udp(kLookupPort), udp(kSocketPort)}), Sharing::reuseport, Evidence::kernel_lookup);
  says(summary({udp(kSocketPort), udp()}), Sharing::unknown, Evidence::none);
  says(summary({udp(kSocketPort | kReuseAddr), udp(kSocketPort | kReuseAddr)}), Sharing::reuseport,
       Evidence::socket_option);
  says(summary({udp(kSocketAddr), udp(kSocketAddr)}), Sharing::reuseaddr, Evidence::socket_option);
  says(summary({udp(kLookupAddr), udp(kLookupAddr)}), Sharing::reuseaddr, Evidence::kernel_lookup);
  // Both options were cleared after bind(): which one they share by can no longer be known.
  says(summary({udp(kOptionsFromSocket), udp(kOptionsFromSocket)}), Sharing::unknown, Evidence::none);
}

TEST_CASE("a single UDP socket with a neighbor group is unshared only if its options say so") {
  const HolderRow two_processes[] = {{1, 10, 3, 0}, {1, 11, 3, 1}};
  says(summary({udp()}, {}, false), Sharing::none, Evidence::none);
  says(summary({udp()}, {}, true), Sharing::unknown, Evidence::none);
  says(summary({udp()}, two_processes, true), Sharing::unknown, Evidence::none);
  says(summary({udp(kSocketAddr)}, {}, true), Sharing::none, Evidence::none);
  says(summary({udp(kSocketPort)}, {}, true), Sharing::reuseport, Evidence::socket_option);
  says(summary({udp(0, State::connected)}, {}, true), Sharing::none, Evidence::none);
  // Two users cannot listen on one address and port.
  says(summary({tcp()}, {}, true), Sharing::none, Evidence::none);
}

TEST_CASE("groups are at the same place if they differ only in the uid") {
  const SocketRow base = udp();
  const auto same = [&](auto change) {
    SocketRow other = base;
    change(other);
    return same_place(key_of(base), key_of(other));
  };
  CHECK(same([](SocketRow& row) { row.uid = 34; }));
  CHECK(same([](SocketRow& row) { row.options = kSocketAddr; }));
  CHECK(same([](SocketRow& row) { row.kernel_group = 7; }));
  CHECK_FALSE(same([](SocketRow& row) { row.netns = 2; }));
  CHECK_FALSE(same([](SocketRow& row) { row.family = Family::ipv6; }));
  CHECK_FALSE(same([](SocketRow& row) { row.v6only = V6Only::yes; }));
  CHECK_FALSE(same([](SocketRow& row) { row.interface = 2; }));
  CHECK_FALSE(same([](SocketRow& row) { row.address[3] = 1; }));
  CHECK_FALSE(same([](SocketRow& row) { row.port = 54; }));
}

TEST_CASE("a further kernel group with the same key is known from BPF, whatever its size") {
  SocketRow alone = tcp();
  alone.kernel_group = 7;
  says(summary({alone}), Sharing::reuseport, Evidence::bpf);
  alone.state = State::bound;
  says(summary({alone}), Sharing::none, Evidence::none);
}

TEST_CASE("a connected UDP socket never receives for the group") {
  const GroupRow row = summary({udp(kSocketPort, State::connected), udp(kSocketPort)});
  CHECK(row.sockets == 2);
  CHECK(row.receiving == 1);
  says(row, Sharing::reuseport, Evidence::socket_option);
  says(summary({udp(0, State::connected), udp()}), Sharing::none, Evidence::none);
}

TEST_CASE("the key has everything that the kernel compares") {
  const SocketRow base = tcp();
  const auto differs = [&](auto change) {
    SocketRow other = base;
    change(other);
    return key_of(other) != key_of(base) && id_of(key_of(other)) != id_of(key_of(base));
  };
  CHECK(differs([](SocketRow& row) { row.netns = 2; }));
  CHECK(differs([](SocketRow& row) { row.protocol = Protocol::udp; }));
  CHECK(differs([](SocketRow& row) { row.family = Family::ipv6; }));
  CHECK(differs([](SocketRow& row) { row.v6only = V6Only::yes; }));
  CHECK(differs([](SocketRow& row) { row.interface = 2; }));
  CHECK(differs([](SocketRow& row) { row.address[3] = 1; }));
  CHECK(differs([](SocketRow& row) { row.address[15] = 1; }));
  CHECK(differs([](SocketRow& row) { row.port = 54; }));
  CHECK(differs([](SocketRow& row) { row.uid = 0; }));
  CHECK(differs([](SocketRow& row) { row.kernel_group = 7; }));
  CHECK_FALSE(differs([](SocketRow& row) { row.cookie = 9; }));
  CHECK_FALSE(differs([](SocketRow& row) { row.state = State::bound; }));
  CHECK_FALSE(differs([](SocketRow& row) { row.options = kSocketPort; }));
}

TEST_CASE("the uid separates UDP sockets unless they are known to be without SO_REUSEPORT") {
  const auto same = [](int options) {
    SocketRow one = udp(options), other = udp(options);
    other.uid = 34;
    return key_of(one) == key_of(other);
  };
  CHECK_FALSE(same(0));
  CHECK_FALSE(same(kSocketPort));
  CHECK_FALSE(same(kLookupPort));
  CHECK(same(kSocketAddr));
  CHECK(same(kLookupAddr));
  CHECK(same(kOptionsFromSocket));
  SocketRow other = udp(kSocketAddr);
  other.uid = 34;
  CHECK(summary({udp(kSocketAddr), other}).uid == kUnknown);
  CHECK(summary({udp(kSocketAddr), udp(kSocketAddr)}).uid == 33);
}

TEST_CASE("ids are the same in every run, and differ from key to key") {
  GroupKey key{Protocol::tcp, 443, Family::ipv4, V6Only::no, {127, 0, 0, 1}, 0, 4026531833u, 0};
  CHECK(id_of(key) == id_of(GroupKey(key)));
  const std::uint64_t written_down = id_of(key);
  CHECK(written_down == 13539138789220560700u);
  const unsigned seed = 13;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 20000; i++) {
    key.port = static_cast<std::uint16_t>(i);
    key.address[3] = static_cast<std::uint8_t>(random());
    ids.insert(id_of(key));
  }
  CHECK(ids.size() == 20000);
}

TEST_CASE("a socket of /proc/net has the identity that sock_diag would give it with default options") {
  const Address wildcard{}, own{0x20, 1}, loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const Address mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  const auto identity = [](Family family, const Address& address, V6Only v6only) {
    return identity_of({Protocol::udp, 53, family, v6only, address, kUnknown, 7, kUnknown}, 33, true);
  };
  const GroupKey four{Protocol::udp, 53, Family::ipv4, V6Only::no, {127, 0, 0, 1}, 0, 7, 33};
  CHECK(identity(Family::ipv4, {127, 0, 0, 1}, V6Only::no) == four);
  for (const V6Only read : {V6Only::unknown, V6Only::no, V6Only::yes}) {
    CHECK(identity(Family::ipv6, wildcard, read).v6only == V6Only::no);
    CHECK(identity(Family::ipv6, mapped, read).v6only == V6Only::no);
    CHECK(identity(Family::ipv6, own, read).v6only == V6Only::yes);
    CHECK(identity(Family::ipv6, loopback, read).v6only == V6Only::yes);
  }
  GroupKey bound = four;
  bound.interface = 2;
  CHECK(identity_of(bound, 33, false) == bound);
  CHECK(identity_of(bound, 33, true) == four);
}

TEST_CASE("sums leave out what is unknown") {
  SocketRow a = udp(), b = udp(), c = udp();
  a.queue_length = 10;
  a.drops = 5;
  a.drops_delta = 2;
  b.queue_length = 20;
  b.queue_limit = kUnknown;
  c.drops = 7;  // drops seen for the first time: nothing to compare with
  const GroupRow row = summary({a, b, c});
  CHECK(row.queue_length == 30);
  CHECK(row.queue_limit == 200);
  CHECK(row.drops == 12);
  CHECK(row.drops_known == 2);
  CHECK(row.drops_delta == 2);
}

TEST_CASE("the fullest queue has the highest utilization") {
  const auto with = [](std::uint32_t length, std::uint32_t limit) {
    SocketRow row = tcp();
    row.queue_length = length;
    row.queue_limit = limit;
    return row;
  };
  CHECK(summary({with(50, 100), with(9, 10), with(60, 100)}).fullest == 1);
  CHECK(summary({with(0, 100), with(0, 100)}).fullest == 0);
  CHECK(summary({with(900, kUnknown), with(1, 100)}).fullest == 1);
  CHECK(summary({with(900, kUnknown), with(901, kUnknown)}).fullest == 1);
  CHECK(summary({with(90, 100), with(1, 0)}).fullest == 1);
  CHECK(summary({with(0xfffffff0u, 0xfffffff1u), with(0xfffffffeu, 0xfffffffeu)}).fullest == 1);
  CHECK(summary({tcp(State::bound), with(0, 100)}).fullest == 1);
}
