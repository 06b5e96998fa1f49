#include "picture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "socket_table.h"
#include "support/kernel_list.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// Frames as JavaScript would get them: two, written in turn.
struct World {
  SocketSlots slots;
  SocketTable table;
  Picture picture;
  HolderIndexPtr holders;
  std::vector<DiagSocket> kernel;
  std::map<std::uint64_t, Options> learned;  // with the next refresh, by cookie
  struct Frame {
    std::vector<SocketRow> sockets = std::vector<SocketRow>(300);
    std::vector<GroupRow> groups = std::vector<GroupRow>(300);
    std::vector<HolderRow> holders = std::vector<HolderRow>(900);
    FrameMemory memory{sockets, groups, holders};
  };
  Frame frames[2];

  explicit World(SocketTableKind kind = SocketTableKind::tcp) : table(kind, 1) {}

  const Frame& refresh() {
    picture.begin(slots);
    table.begin_pass();
    for (const DiagSocket& socket : kernel) {
      const Buffer bytes = socket.bytes();
      table.observe(slots, first_message(bytes), 0);
    }
    table.end_pass(slots, {.batches = 1}, 1);
    for (const auto& [cookie, options] : learned)
      if (const Slot slot = table.find(cookie); slot != kNone) note_options(slots, slot, options);
    learned.clear();
    return settle();
  }

  const Frame& settle() {
    picture.settle(slots, holders);
    Frame& frame = frames[slots.refresh % 2];
    picture.write(slots, frame.memory);
    return frame;
  }

  std::span<const GroupRow> groups() const {
    return std::span(frames[slots.refresh % 2].groups).first(picture.size().groups);
  }
  std::span<const SocketRow> sockets() const {
    return std::span(frames[slots.refresh % 2].sockets).first(picture.size().sockets);
  }

  void held(std::uint64_t generation, std::vector<HolderRow> rows) {
    holders = std::make_shared<HolderIndex>(generation, std::vector<ProcessRow>(9), std::move(rows), std::vector<EpollFd>{});
  }
};

DiagSocket listener(std::uint64_t cookie, std::uint16_t port) {
  return {.cookie = cookie, .port = port, .inode = static_cast<std::uint32_t>(cookie)};
}

}  // namespace

TEST_CASE("groups stand in the order of their keys, members side by side in the order of their cookies") {
  World world;
  world.kernel = {listener(9, 443), listener(4, 80), listener(2, 443), listener(7, 80), listener(1, 8080)};
  world.refresh();
  REQUIRE(world.groups().size() == 3);
  std::uint32_t first = 0;
  const std::uint16_t ports[] = {80, 443, 8080};
  for (std::uint32_t i = 0; i < 3; i++) {
    const GroupRow& group = world.groups()[i];
    CHECK(group.port == ports[i]);
    CHECK(group.first == first);
    CHECK(group.change == Change::added);
    CHECK(group.since == 1);
    for (std::uint32_t row = first; row < first + group.sockets; row++) {
      CHECK(world.sockets()[row].group == i);
      CHECK(world.sockets()[row].port == ports[i]);
      if (row > first) CHECK(world.sockets()[row].cookie > world.sockets()[row - 1].cookie);
    }
    first += group.sockets;
  }
  CHECK(first == 5);
}

TEST_CASE("what changed is told once, and nothing else") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  world.refresh();
  for (const GroupRow& group : world.groups()) CHECK(group.change == Change::none);
  for (const SocketRow& socket : world.sockets()) CHECK(socket.change == Change::none);

  world.kernel[1].rqueue = 17;
  world.refresh();
  CHECK(world.groups()[0].change == Change::changed);
  CHECK(world.groups()[0].changed == 3);
  CHECK(world.groups()[0].members_changed == 1);
  CHECK(world.groups()[0].queue_length == 17);
  CHECK(world.groups()[0].fullest == 1);
  CHECK(world.groups()[1].change == Change::none);
  CHECK(world.sockets()[1].change == Change::changed);
  CHECK(world.sockets()[0].change == Change::none);

  world.refresh();
  CHECK(world.groups()[0].change == Change::none);
  CHECK(world.sockets()[1].change == Change::none);
  CHECK(world.sockets()[1].changed == 3);
  CHECK(world.sockets()[1].queue_length == 17);
}

TEST_CASE("a lone UDP socket is unknown for as long as another user's receives beside it") {
  World world(SocketTableKind::udp_ipv4);
  const auto socket = [](std::uint64_t cookie, std::uint32_t uid, unsigned state = 7) {
    return DiagSocket{.cookie = cookie, .state = state, .port = 53, .uid = uid};
  };
  const auto sharings = [&] {
    std::vector<Sharing> found;
    for (const GroupRow& group : world.groups()) found.push_back(group.sharing);
    return found;
  };
  world.kernel = {socket(1, 33)};
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::none});

  world.kernel.push_back(socket(2, 34));
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::unknown, Sharing::unknown});
  CHECK(world.groups()[0].change == Change::changed);
  CHECK(world.groups()[0].members_changed == 2);
  CHECK(world.groups()[1].change == Change::added);
  world.refresh();
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::unknown, Sharing::unknown});
  for (const GroupRow& group : world.groups()) CHECK(group.change == Change::none);

  world.kernel[1] = socket(2, 34, 1);  // connected: it receives for nobody else
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::none, Sharing::none});
  world.kernel[1] = socket(2, 34);
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::unknown, Sharing::unknown});

  world.kernel.erase(world.kernel.begin());
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::none});
}

TEST_CASE("members that come and go, and groups with them") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  const std::uint64_t id_80 = world.groups()[0].id, id_443 = world.groups()[1].id;

  world.kernel = {listener(2, 80), listener(4, 80), listener(5, 22)};
  world.refresh();
  CHECK(world.picture.gone().sockets == std::vector<std::uint64_t>{1, 3});
  CHECK(world.picture.gone().socket_groups == std::vector<std::uint64_t>{id_80, id_443});
  CHECK(world.picture.gone().groups == std::vector<std::uint64_t>{id_443});
  REQUIRE(world.groups().size() == 2);
  CHECK(world.groups()[0].port == 22);
  CHECK(world.groups()[0].since == 2);
  CHECK(world.groups()[1].id == id_80);
  CHECK(world.groups()[1].since == 1);
  CHECK(world.groups()[1].members_changed == 2);
  CHECK(world.sockets()[2].change == Change::added);

  world.refresh();
  CHECK(world.picture.gone().sockets.empty());
  CHECK(world.picture.gone().groups.empty());

  world.kernel = {listener(3, 443)};
  world.refresh();
  CHECK(world.groups()[0].id == id_443);
  CHECK(world.groups()[0].since == 4);
}

TEST_CASE("a group whose members are all replaced at once stays the same group") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80)};
  world.refresh();
  const std::uint64_t id = world.groups()[0].id;
  world.kernel = {listener(3, 80), listener(4, 80)};
  world.refresh();
  CHECK(world.picture.gone().groups.empty());
  CHECK(world.picture.gone().sockets.size() == 2);
  CHECK(world.groups()[0].id == id);
  CHECK(world.groups()[0].since == 1);
}

TEST_CASE("a socket whose key changes moves to another group and is not gone") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80)};
  world.refresh();
  world.kernel[1].uid = 33;
  world.refresh();
  CHECK(world.groups().size() == 2);
  CHECK(world.picture.gone().sockets.empty());
  CHECK(world.sockets()[1].change == Change::changed);
  world.kernel[0].uid = 33;
  world.refresh();
  CHECK(world.groups().size() == 1);
  CHECK(world.picture.gone().groups.size() == 1);
}

TEST_CASE("a listener that stops listening stays in its group and receives no more") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80)};
  world.refresh();
  CHECK(world.groups()[0].sharing == Sharing::reuseport);
  world.kernel[1].state = 7;
  world.refresh();
  CHECK(world.groups()[0].sockets == 2);
  CHECK(world.groups()[0].receiving == 1);
  CHECK(world.groups()[0].sharing == Sharing::none);
  CHECK(world.groups()[0].members_changed == 2);
}

TEST_CASE("holders come with the scan, and only a difference is a change") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  CHECK(world.sockets()[0].holders == kUnknown);
  CHECK(world.picture.size().holders == 0);
  CHECK(world.picture.size().unheld == 3);

  world.held(1, {{1, 10, 5, 0}, {2, 10, 6, 0}, {2, 11, 6, 1}});
  const World::Frame* frame = &world.refresh();
  CHECK(world.picture.size().holders == 3);
  CHECK(world.picture.size().unheld == 1);
  CHECK(world.sockets()[0].holders == 1);
  CHECK(world.sockets()[1].holders == 2);
  CHECK(world.sockets()[2].holders == kUnknown);
  CHECK(frame->holders[world.sockets()[1].first_holder + 1].pid == 11);
  CHECK(world.groups()[0].members_changed == 2);
  CHECK(world.groups()[1].change == Change::none);

  // Another process came first: the same holders at other rows.
  world.held(2, {{1, 10, 5, 1}, {2, 10, 6, 1}, {2, 11, 6, 2}});
  frame = &world.refresh();
  CHECK(world.groups()[0].change == Change::none);
  CHECK(frame->holders[world.sockets()[0].first_holder].process == 1);

  // The group before got a member: holders move, and are found.
  world.kernel.push_back(listener(4, 22));
  world.held(3, {{1, 10, 5, 1}, {2, 11, 6, 2}, {3, 12, 7, 3}, {4, 12, 8, 3}});
  frame = &world.refresh();
  for (const SocketRow& socket : world.sockets()) {
    REQUIRE(socket.holders == 1);
    CHECK(frame->holders[socket.first_holder].inode == socket.inode);
  }
}

TEST_CASE("one listener held by several processes is inherited") {
  World world;
  world.kernel = {listener(1, 80)};
  world.held(1, {{1, 10, 5, 0}, {1, 11, 5, 1}});
  world.refresh();
  CHECK(world.groups()[0].sharing == Sharing::inherited);
  world.held(2, {{1, 10, 5, 0}});
  world.learned[1] = {.bits = kOptionsFromSocket};
  world.refresh();
  CHECK(world.groups()[0].sharing == Sharing::none);
}

TEST_CASE("a group's id hangs on what everybody sees: the place, and the lowest uid there") {
  World world(SocketTableKind::udp_ipv4);
  const auto socket = [](std::uint64_t cookie, std::uint32_t uid) {
    return DiagSocket{.cookie = cookie, .state = 7, .port = 53, .uid = uid};
  };
  constexpr Options plain{.bits = kOptionsFromSocket};
  constexpr Options reuse_addr{.bits = kOptionsFromSocket | kReuseAddr};
  constexpr Options reuse_port{.bits = kOptionsFromSocket | kReusePort};
  const auto id_of_cookie = [&](std::uint64_t cookie) {
    for (const SocketRow& row : world.sockets())
      if (row.cookie == cookie) return world.groups()[row.group].id;
    return std::uint64_t{0};
  };

  world.kernel = {socket(1, 33)};
  world.refresh();
  const std::uint64_t id = id_of_cookie(1);
  world.learned[1] = plain;
  world.refresh();
  CHECK(id_of_cookie(1) == id);
  CHECK(world.groups()[0].since == 1);
  CHECK(world.picture.gone().groups.empty());

  // A second socket of the user is unknown first, and stands beside: nobody could say that it has no SO_REUSEPORT.
  world.kernel.push_back(socket(2, 33));
  world.refresh();
  CHECK(id_of_cookie(2) == id);
  CHECK(id_of_cookie(1) != id);
  world.learned[2] = reuse_addr;
  world.refresh();
  REQUIRE(world.groups().size() == 1);
  CHECK(id_of_cookie(1) == id);
  CHECK(world.picture.gone().groups.size() == 1);

  // Those with SO_REUSEPORT have the id of who cannot tell them from the others, whoever came first.
  world.kernel.push_back(socket(3, 33));
  world.learned[3] = reuse_port;
  world.refresh();
  CHECK(id_of_cookie(3) == id);
  const std::uint64_t others = id_of_cookie(1);
  CHECK(others != id);
  CHECK(world.picture.gone().groups.empty());
  world.kernel.pop_back();
  world.refresh();
  CHECK(id_of_cookie(1) == id);
  CHECK(world.picture.gone().groups == std::vector<std::uint64_t>{others});

  // Of several users the lowest counts.
  world.kernel.push_back(socket(4, 34));
  world.learned[4] = reuse_addr;
  world.refresh();
  REQUIRE(world.groups().size() == 1);
  CHECK(world.groups()[0].id == id);
  world.kernel.push_back(socket(5, 32));
  world.learned[5] = reuse_addr;
  world.refresh();
  REQUIRE(world.groups().size() == 1);
  CHECK(world.groups()[0].id != id);
  CHECK(world.groups()[0].change == Change::added);
  CHECK(world.picture.gone().groups == std::vector<std::uint64_t>{id});
}

TEST_CASE("several sockets that are learned of at once stay one group with one id") {
  World world(SocketTableKind::udp_ipv4);
  for (std::uint64_t cookie = 1; cookie <= 3; cookie++)
    world.kernel.push_back({.cookie = cookie, .state = 7, .port = 53, .uid = 33});
  world.refresh();
  const std::uint64_t id = world.groups()[0].id;
  for (const std::uint8_t by : {kReuseAddr, kReusePort}) {
    const std::uint8_t from = by == kReuseAddr ? kOptionsFromOracle : kOptionsFromSocket;
    for (std::uint64_t cookie = 1; cookie <= 3; cookie++) world.learned[cookie] = {.bits = static_cast<std::uint8_t>(from | by)};
    world.refresh();
    REQUIRE(world.groups().size() == 1);
    CHECK(world.groups()[0].id == id);
    CHECK(world.picture.gone().groups.empty());
  }
}

TEST_CASE("learned options change the group and what is said of it") {
  SocketSlots slots;
  SocketTable table(SocketTableKind::udp_ipv4, 1);
  Picture picture;
  const auto refresh = [&](int options) {
    picture.begin(slots);
    table.begin_pass();
    for (const std::uint64_t cookie : {1u, 2u}) {
      const Buffer bytes = DiagSocket{.cookie = cookie, .state = 7, .uid = static_cast<std::uint32_t>(cookie)}.bytes();
      table.observe(slots, first_message(bytes), 0);
    }
    table.end_pass(slots, {.batches = 1}, 1);
    for (const std::uint64_t cookie : {1u, 2u})
      if (options != 0) note_options(slots, table.find(cookie), {.bits = static_cast<std::uint8_t>(options)});
    picture.settle(slots, nullptr);
  };
  refresh(0);
  CHECK(picture.size().groups == 2);  // two uids
  refresh(kOptionsFromOracle | kReuseAddr);
  CHECK(picture.size().groups == 1);
  CHECK(picture.gone().groups.size() == 1);  // the lower uid's id stays
  CHECK(picture.gone().sockets.empty());
  refresh(kOptionsFromSocket | kReusePort);
  CHECK(picture.size().groups == 2);
}

TEST_CASE("options that a group's row does not hang on leave it as it was, and are told of the member") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  world.learned[1] = {.bits = kOptionsFromSocket | kReusePort, .incoming_cpu = 1};
  world.learned[3] = {.bits = kOptionsFromSocket | kReusePort, .incoming_cpu = kCpuNotSet};
  world.refresh();
  // Two that listen on one port share it for certain already.
  CHECK(world.groups()[0].sharing == Sharing::reuseport);
  CHECK(world.groups()[0].change == Change::none);
  CHECK(world.groups()[0].changed == 1);
  CHECK(world.groups()[0].members_changed == 2);
  CHECK(world.sockets()[0].changed == 2);
  CHECK(world.sockets()[0].change == Change::changed);
  CHECK(world.sockets()[0].incoming_cpu == 1);
  CHECK(world.sockets()[1].changed == 1);
  // One that is alone does so by its option.
  CHECK(world.groups()[1].sharing == Sharing::reuseport);
  CHECK(world.groups()[1].change == Change::changed);
  CHECK(world.groups()[1].changed == 2);

  world.refresh();
  CHECK(world.sockets()[0].change == Change::none);
  CHECK(world.groups()[0].members_changed == 2);
}

TEST_CASE("frames written in part equal frames written whole, over random worlds") {
  const unsigned seed = 1973;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  World world;
  std::uint64_t next = 1;
  std::uint64_t generation = 0;
  std::map<std::uint64_t, std::uint64_t> shown;  // cookie → group id
  for (int round = 0; round < 600; round++) {
    auto& kernel = world.kernel;
    for (unsigned moves = random() % 4; moves > 0; moves--) {
      const unsigned what = random() % 7;
      if ((what == 0 || kernel.empty()) && kernel.size() < 200) {
        kernel.push_back(listener(next++, static_cast<std::uint16_t>(80 + random() % 9)));
      } else if (!kernel.empty()) {
        DiagSocket& socket = kernel[random() % kernel.size()];
        if (what == 1) kernel.erase(kernel.begin() + (&socket - kernel.data()));
        else if (what == 2) socket.rqueue = static_cast<std::uint32_t>(random() % 50);
        else if (what == 3) socket.interface = static_cast<std::uint32_t>(random() % 2);
        else if (what == 4) socket.memory = {0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint32_t>(random() % 50)};
        else if (what == 5) world.learned[socket.cookie] = {.bits = kOptionsFromSocket, .incoming_cpu = kCpuNotSet};
        else socket.uid = static_cast<std::uint32_t>(random() % 3);
      }
    }
    if (random() % 5 == 0) {
      std::vector<HolderRow> rows;
      for (std::uint32_t inode = 1; inode < next; inode++)
        for (unsigned n = random() % 3; n > 0; n--) rows.push_back({inode, 40 - n, 3, 0});
      world.held(++generation, std::move(rows));
    }
    const World::Frame& frame = world.refresh();

    World::Frame whole;
    world.picture.write(world.slots, whole.memory);
    const auto size = world.picture.size();
    CHECK(std::memcmp(frame.groups.data(), whole.groups.data(), size.groups * sizeof(GroupRow)) == 0);
    CHECK(std::memcmp(frame.holders.data(), whole.holders.data(), size.holders * sizeof(HolderRow)) == 0);
    for (std::size_t i = 0; i < size.sockets; i++) {
      SocketRow a = frame.sockets[i], b = whole.sockets[i];
      if (a.holders == kUnknown) a.first_holder = b.first_holder = 0;
      CHECK(std::memcmp(&a, &b, sizeof a) == 0);
    }

    // The frame is what the kernel said, and what left is what was there before and is not now.
    CHECK(size.sockets == kernel.size());
    CHECK(size.unheld == std::ranges::count(world.sockets(), kUnknown, &SocketRow::holders));
    std::map<std::uint64_t, std::uint64_t> now;
    std::uint32_t counted = 0;
    for (const GroupRow& group : world.groups()) {
      CHECK(group.first == counted);
      counted += group.sockets;
      for (std::uint32_t i = 0; i < group.sockets; i++) now[world.sockets()[group.first + i].cookie] = group.id;
    }
    CHECK(now.size() == kernel.size());
    const auto& gone = world.picture.gone();
    std::set<std::uint64_t> expected;
    for (const auto& [cookie, id] : shown)
      if (!now.contains(cookie)) expected.insert(cookie);
    CHECK(std::set<std::uint64_t>(gone.sockets.begin(), gone.sockets.end()) == expected);
    for (std::size_t i = 0; i < gone.sockets.size(); i++) CHECK(gone.socket_groups[i] == shown[gone.sockets[i]]);
    shown = std::move(now);
  }
}

TEST_CASE("a socket that stops listening and listens elsewhere within one refresh is one socket in one group") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 443)};
  world.refresh();

  // Three passes of one refresh: it is at 443 too, then gone, then there again, in a slot of its own.
  const auto pass = [&](std::vector<DiagSocket> kernel, std::uint32_t attempt) {
    world.table.begin_pass();
    for (const DiagSocket& socket : kernel) world.table.observe(world.slots, first_message(socket.bytes()), 0);
    world.table.end_pass(world.slots, {.batches = 1}, attempt);
  };
  world.picture.begin(world.slots);
  pass({listener(1, 443), listener(2, 443)}, 1);
  pass({listener(2, 443)}, 2);
  pass({listener(1, 443), listener(2, 443)}, 3);
  world.settle();
  REQUIRE(world.groups().size() == 1);
  CHECK(world.groups()[0].port == 443);
  REQUIRE(world.sockets().size() == 2);
  CHECK(world.sockets()[0].cookie == 1);
  CHECK(world.sockets()[0].port == 443);
  CHECK(world.sockets()[1].cookie == 2);
}
