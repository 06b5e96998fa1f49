#include "addon/frame.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "addon/socket_table.h"
#include "support/kernel_list.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// A frame and two buffers, written alternately, as for JavaScript.
struct World {
  SocketSlots slots;
  SocketTable table;
  Frame frame;
  HolderIndexPtr holders;
  std::vector<DiagSocket> kernel;
  std::map<std::uint64_t, Options> options_changed;  // to record at the next refresh, by cookie
  struct Buffers {
    std::vector<SocketRow> sockets = std::vector<SocketRow>(300);
    std::vector<GroupRow> groups = std::vector<GroupRow>(300);
    std::vector<HolderRow> holders = std::vector<HolderRow>(900);
    FrameMemory memory{sockets, groups, holders};
  };
  Buffers buffers[2];

  explicit World(SocketTableKind kind = SocketTableKind::tcp) : table(kind, 1) {}

  const Buffers& refresh() {
    frame.begin(slots);
    table.begin_pass();
    for (const DiagSocket& socket : kernel) {
      const Buffer bytes = socket.bytes();
      table.observe(slots, first_message(bytes), 0);
    }
    table.end_pass(slots, {.batches = 1}, 1);
    for (const auto& [cookie, options] : options_changed)
      if (const Slot slot = table.find(cookie); slot != kNone) record_options(slots, slot, options);
    options_changed.clear();
    return finish();
  }

  const Buffers& finish() {
    frame.finish(slots, holders);
    Buffers& written = buffers[slots.refresh % 2];
    frame.write(slots, written.memory);
    return written;
  }

  std::span<const GroupRow> groups() const {
    return std::span(buffers[slots.refresh % 2].groups).first(frame.size().groups);
  }
  std::span<const SocketRow> sockets() const {
    return std::span(buffers[slots.refresh % 2].sockets).first(frame.size().sockets);
  }

  void held(std::uint64_t generation, std::vector<HolderRow> rows) {
    holders =
        std::make_shared<HolderIndex>(generation, std::vector<ProcessRow>(9), std::move(rows), std::vector<EpollFd>{});
  }
};

DiagSocket listener(std::uint64_t cookie, std::uint16_t port) {
  return {.cookie = cookie, .port = port, .inode = static_cast<std::uint32_t>(cookie)};
}

}  // namespace

TEST_CASE("groups are ordered by key, members by cookie") {
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

TEST_CASE("every change is reported once, and nothing else") {
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

TEST_CASE("a single UDP socket is unknown while another user's receives at the same address and port") {
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

  world.kernel[1] = socket(2, 34, 1);  // connected: it receives for its peer only
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::none, Sharing::none});
  world.kernel[1] = socket(2, 34);
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::unknown, Sharing::unknown});

  world.kernel.erase(world.kernel.begin());
  world.refresh();
  CHECK(sharings() == std::vector{Sharing::none});
}

TEST_CASE("members and groups are added and removed") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  const std::uint64_t id_80 = world.groups()[0].id, id_443 = world.groups()[1].id;

  world.kernel = {listener(2, 80), listener(4, 80), listener(5, 22)};
  world.refresh();
  CHECK(world.frame.removed().sockets == std::vector<std::uint64_t>{1, 3});
  CHECK(world.frame.removed().socket_groups == std::vector<std::uint64_t>{id_80, id_443});
  CHECK(world.frame.removed().groups == std::vector<std::uint64_t>{id_443});
  REQUIRE(world.groups().size() == 2);
  CHECK(world.groups()[0].port == 22);
  CHECK(world.groups()[0].since == 2);
  CHECK(world.groups()[1].id == id_80);
  CHECK(world.groups()[1].since == 1);
  CHECK(world.groups()[1].members_changed == 2);
  CHECK(world.sockets()[2].change == Change::added);

  world.refresh();
  CHECK(world.frame.removed().sockets.empty());
  CHECK(world.frame.removed().groups.empty());

  world.kernel = {listener(3, 443)};
  world.refresh();
  CHECK(world.groups()[0].id == id_443);
  CHECK(world.groups()[0].since == 4);
}

TEST_CASE("a group stays the same if all its members are replaced at once") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80)};
  world.refresh();
  const std::uint64_t id = world.groups()[0].id;
  world.kernel = {listener(3, 80), listener(4, 80)};
  world.refresh();
  CHECK(world.frame.removed().groups.empty());
  CHECK(world.frame.removed().sockets.size() == 2);
  CHECK(world.groups()[0].id == id);
  CHECK(world.groups()[0].since == 1);
}

TEST_CASE("a socket whose key changes moves to another group and is not removed") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80)};
  world.refresh();
  world.kernel[1].uid = 33;
  world.refresh();
  CHECK(world.groups().size() == 2);
  CHECK(world.frame.removed().sockets.empty());
  CHECK(world.sockets()[1].change == Change::changed);
  world.kernel[0].uid = 33;
  world.refresh();
  CHECK(world.groups().size() == 1);
  CHECK(world.frame.removed().groups.size() == 1);
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

TEST_CASE("holders come from the scan, and only a difference is a change") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  CHECK(world.sockets()[0].holders == kUnknown);
  CHECK(world.frame.size().holders == 0);
  CHECK(world.frame.size().unheld == 3);

  world.held(1, {{1, 10, 5, 0}, {2, 10, 6, 0}, {2, 11, 6, 1}});
  const World::Buffers* written = &world.refresh();
  CHECK(world.frame.size().holders == 3);
  CHECK(world.frame.size().unheld == 1);
  CHECK(world.sockets()[0].holders == 1);
  CHECK(world.sockets()[1].holders == 2);
  CHECK(world.sockets()[2].holders == kUnknown);
  CHECK(written->holders[world.sockets()[1].first_holder + 1].pid == 11);
  CHECK(world.groups()[0].members_changed == 2);
  CHECK(world.groups()[1].change == Change::none);

  // A process with a lower pid was added: the same holders at other rows.
  world.held(2, {{1, 10, 5, 1}, {2, 10, 6, 1}, {2, 11, 6, 2}});
  written = &world.refresh();
  CHECK(world.groups()[0].change == Change::none);
  CHECK(written->holders[world.sockets()[0].first_holder].process == 1);

  // The preceding group gets a member: holder rows move, and stay correct.
  world.kernel.push_back(listener(4, 22));
  world.held(3, {{1, 10, 5, 1}, {2, 11, 6, 2}, {3, 12, 7, 3}, {4, 12, 8, 3}});
  written = &world.refresh();
  for (const SocketRow& socket : world.sockets()) {
    REQUIRE(socket.holders == 1);
    CHECK(written->holders[socket.first_holder].inode == socket.inode);
  }
}

TEST_CASE("one listener held by several processes is inherited") {
  World world;
  world.kernel = {listener(1, 80)};
  world.held(1, {{1, 10, 5, 0}, {1, 11, 5, 1}});
  world.refresh();
  CHECK(world.groups()[0].sharing == Sharing::inherited);
  world.held(2, {{1, 10, 5, 0}});
  world.options_changed[1] = {.bits = kOptionsFromSocket};
  world.refresh();
  CHECK(world.groups()[0].sharing == Sharing::none);
}

TEST_CASE("a group's id depends on what every observer sees: address, port, interface and the lowest uid") {
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
  world.options_changed[1] = plain;
  world.refresh();
  CHECK(id_of_cookie(1) == id);
  CHECK(world.groups()[0].since == 1);
  CHECK(world.frame.removed().groups.empty());

  // A second socket of the same user is unknown at first, and forms a separate group: it may have SO_REUSEPORT.
  world.kernel.push_back(socket(2, 33));
  world.refresh();
  CHECK(id_of_cookie(2) == id);
  CHECK(id_of_cookie(1) != id);
  world.options_changed[2] = reuse_addr;
  world.refresh();
  REQUIRE(world.groups().size() == 1);
  CHECK(id_of_cookie(1) == id);
  CHECK(world.frame.removed().groups.size() == 1);

  // Those with SO_REUSEPORT keep the id of an observer who cannot distinguish the groups, in any order of arrival.
  world.kernel.push_back(socket(3, 33));
  world.options_changed[3] = reuse_port;
  world.refresh();
  CHECK(id_of_cookie(3) == id);
  const std::uint64_t others = id_of_cookie(1);
  CHECK(others != id);
  CHECK(world.frame.removed().groups.empty());
  world.kernel.pop_back();
  world.refresh();
  CHECK(id_of_cookie(1) == id);
  CHECK(world.frame.removed().groups == std::vector<std::uint64_t>{others});

  // The lowest of several uids counts.
  world.kernel.push_back(socket(4, 34));
  world.options_changed[4] = reuse_addr;
  world.refresh();
  REQUIRE(world.groups().size() == 1);
  CHECK(world.groups()[0].id == id);
  world.kernel.push_back(socket(5, 32));
  world.options_changed[5] = reuse_addr;
  world.refresh();
  REQUIRE(world.groups().size() == 1);
  CHECK(world.groups()[0].id != id);
  CHECK(world.groups()[0].change == Change::added);
  CHECK(world.frame.removed().groups == std::vector<std::uint64_t>{id});
}

TEST_CASE("several sockets whose options become known at once stay one group with one id") {
  World world(SocketTableKind::udp_ipv4);
  for (std::uint64_t cookie = 1; cookie <= 3; cookie++)
    world.kernel.push_back({.cookie = cookie, .state = 7, .port = 53, .uid = 33});
  world.refresh();
  const std::uint64_t id = world.groups()[0].id;
  for (const std::uint8_t by : {kReuseAddr, kReusePort}) {
    const std::uint8_t from = by == kReuseAddr ? kOptionsFromLookup : kOptionsFromSocket;
    for (std::uint64_t cookie = 1; cookie <= 3; cookie++)
      world.options_changed[cookie] = {.bits = static_cast<std::uint8_t>(from | by)};
    world.refresh();
    REQUIRE(world.groups().size() == 1);
    CHECK(world.groups()[0].id == id);
    CHECK(world.frame.removed().groups.empty());
  }
}

TEST_CASE("known options change the group and its classification") {
  SocketSlots slots;
  SocketTable table(SocketTableKind::udp_ipv4, 1);
  Frame frame;
  const auto refresh = [&](int options) {
    frame.begin(slots);
    table.begin_pass();
    for (const std::uint64_t cookie : {1u, 2u}) {
      const Buffer bytes = DiagSocket{.cookie = cookie, .state = 7, .uid = static_cast<std::uint32_t>(cookie)}.bytes();
      table.observe(slots, first_message(bytes), 0);
    }
    table.end_pass(slots, {.batches = 1}, 1);
    for (const std::uint64_t cookie : {1u, 2u})
      if (options != 0) record_options(slots, table.find(cookie), {.bits = static_cast<std::uint8_t>(options)});
    frame.finish(slots, nullptr);
  };
  refresh(0);
  CHECK(frame.size().groups == 2);  // two uids
  refresh(kOptionsFromLookup | kReuseAddr);
  CHECK(frame.size().groups == 1);
  CHECK(frame.removed().groups.size() == 1);  // the lower uid's id stays
  CHECK(frame.removed().sockets.empty());
  refresh(kOptionsFromSocket | kReusePort);
  CHECK(frame.size().groups == 2);
}

TEST_CASE("options that do not affect a group's row leave it unchanged, and are reported for the member") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 80), listener(3, 443)};
  world.refresh();
  world.options_changed[1] = {.bits = kOptionsFromSocket | kReusePort, .incoming_cpu = 1};
  world.options_changed[3] = {.bits = kOptionsFromSocket | kReusePort, .incoming_cpu = kCpuNotSet};
  world.refresh();
  // Two listeners on one port certainly share it already.
  CHECK(world.groups()[0].sharing == Sharing::reuseport);
  CHECK(world.groups()[0].change == Change::none);
  CHECK(world.groups()[0].changed == 1);
  CHECK(world.groups()[0].members_changed == 2);
  CHECK(world.sockets()[0].changed == 2);
  CHECK(world.sockets()[0].change == Change::changed);
  CHECK(world.sockets()[0].incoming_cpu == 1);
  CHECK(world.sockets()[1].changed == 1);
  // A single listener does so only by its option.
  CHECK(world.groups()[1].sharing == Sharing::reuseport);
  CHECK(world.groups()[1].change == Change::changed);
  CHECK(world.groups()[1].changed == 2);

  world.refresh();
  CHECK(world.sockets()[0].change == Change::none);
  CHECK(world.groups()[0].members_changed == 2);
}

TEST_CASE("incrementally written frames equal fully written ones, over random changes") {
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
        else if (what == 5)
          world.options_changed[socket.cookie] = {.bits = kOptionsFromSocket, .incoming_cpu = kCpuNotSet};
        else socket.uid = static_cast<std::uint32_t>(random() % 3);
      }
    }
    if (random() % 5 == 0) {
      std::vector<HolderRow> rows;
      for (std::uint32_t inode = 1; inode < next; inode++)
        for (unsigned n = random() % 3; n > 0; n--) rows.push_back({inode, 40 - n, 3, 0});
      world.held(++generation, std::move(rows));
    }
    const World::Buffers& frame = world.refresh();

    World::Buffers whole;
    world.frame.write(world.slots, whole.memory);
    const auto size = world.frame.size();
    CHECK(std::ranges::equal(std::span(frame.groups).first(size.groups), std::span(whole.groups).first(size.groups)));
    CHECK(std::ranges::equal(std::span(frame.holders).first(size.holders), std::span(whole.holders).first(size.holders)));
    for (std::size_t i = 0; i < size.sockets; i++) {
      SocketRow a = frame.sockets[i], b = whole.sockets[i];
      if (a.holders == kUnknown) a.first_holder = b.first_holder = 0;
      CHECK(a == b);
    }

    // The frame matches the kernel, and the removed sockets are those that were there before and no longer are.
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
    const auto& removed = world.frame.removed();
    std::set<std::uint64_t> expected;
    for (const auto& [cookie, id] : shown)
      if (!now.contains(cookie)) expected.insert(cookie);
    CHECK(std::set<std::uint64_t>(removed.sockets.begin(), removed.sockets.end()) == expected);
    for (std::size_t i = 0; i < removed.sockets.size(); i++)
      CHECK(removed.socket_groups[i] == shown[removed.sockets[i]]);
    shown = std::move(now);
  }
}

TEST_CASE("a socket that stops listening and listens elsewhere within one refresh stays one socket in one group") {
  World world;
  world.kernel = {listener(1, 80), listener(2, 443)};
  world.refresh();

  // Three passes of one refresh: it is also at 443, then removed, then added again in a new slot.
  const auto pass = [&](std::vector<DiagSocket> kernel, std::uint32_t attempt) {
    world.table.begin_pass();
    for (const DiagSocket& socket : kernel) world.table.observe(world.slots, first_message(socket.bytes()), 0);
    world.table.end_pass(world.slots, {.batches = 1}, attempt);
  };
  world.frame.begin(world.slots);
  pass({listener(1, 443), listener(2, 443)}, 1);
  pass({listener(2, 443)}, 2);
  pass({listener(1, 443), listener(2, 443)}, 3);
  world.finish();
  REQUIRE(world.groups().size() == 1);
  CHECK(world.groups()[0].port == 443);
  REQUIRE(world.sockets().size() == 2);
  CHECK(world.sockets()[0].cookie == 1);
  CHECK(world.sockets()[0].port == 443);
  CHECK(world.sockets()[1].cookie == 2);
}
