#include "addon/socket_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "support/kernel_list.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// A table over the test's own kernel, read as by Reader.
struct World {
  KernelList list;
  NetlinkConnection connection{list.transport()};
  SocketSlots slots;
  SocketTable table{SocketTableKind::tcp, 1};
  std::set<std::uint64_t> shown;
  std::vector<std::uint64_t> removed;
  std::uint32_t passes = 0;
  PassResult last;

  void refresh(std::uint32_t max_passes = 5, bool memory = false, bool bound = true) {
    slots.refresh++;
    slots.changes.clear();
    passes = 0;
    const bool first = table.never_read();
    const bool listeners_only = !bound && table.unchanged();
    for (std::uint32_t attempt = listeners_only ? 0 : 1; attempt <= max_passes; attempt++, passes++) {
      table.begin_pass(attempt > 0);
      const DumpRequest request{.memory = memory, .bound = attempt > 0, .widen = attempt > 0 ? attempt - 1 : 0};
      const DumpEnd end =
          connection.dump(build_dump(SocketTableKind::tcp, request), "dump",
                          [&](const Message& m, std::uint32_t batch) { table.observe(slots, m, batch); });
      last = table.end_pass(slots, end, attempt);
      if (last.missed == 0 && last.doubtful == 0 && !(first && last.added > 0 && !last.whole)) break;
    }
    for (const Slot slot : slots.changes.added) CHECK(shown.insert(slots.rows[slot].cookie).second);
    removed.clear();
    for (const Slot slot : slots.changes.removed) {
      removed.push_back(slots.rows[slot].cookie);
      CHECK(shown.erase(slots.rows[slot].cookie) == 1);
      slots.release(slot);
    }
  }

  const SocketRow& row(std::uint64_t cookie) {
    const Slot slot = table.find(cookie);
    REQUIRE(slot != kNone);
    return slots.rows[slot];
  }
  const Track& track(std::uint64_t cookie) {
    const Slot slot = table.find(cookie);
    REQUIRE(slot != kNone);
    return slots.tracks[slot];
  }
};

DiagSocket listener(std::uint64_t cookie) { return {.cookie = cookie, .inode = static_cast<std::uint32_t>(cookie)}; }

}  // namespace

TEST_CASE("a socket listed twice in one dump is one socket") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 20; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  CHECK(world.shown.size() == 20);
  // A new socket at the head pushes the last one of a batch into the next.
  int batch = 0;
  world.list.between = [&] {
    if (++batch == 2) world.list.sockets.insert(world.list.sockets.begin(), listener(100));
  };
  world.refresh(1);
  CHECK(world.last.duplicates > 0);
  CHECK(world.shown.size() == 20);
}

TEST_CASE("a socket missing between two neighbors of one batch is removed at once") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 20; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.list.sockets.erase(world.list.sockets.begin() + 2, world.list.sockets.begin() + 5);
  world.refresh(1);
  CHECK(world.removed == std::vector<std::uint64_t>{3, 4, 5});
}

TEST_CASE("the first one is removed at once too, and the last one if its batch was not full") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 20; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.list.sockets.erase(world.list.sockets.begin());
  world.list.sockets.pop_back();
  world.refresh(1);
  CHECK(world.removed == std::vector<std::uint64_t>{1, 20});
  world.list.sockets.clear();
  world.refresh(1);
  CHECK(world.removed.size() == 18);
}

TEST_CASE("a socket skipped at the end of a batch is kept, and found by batches that end elsewhere") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 20; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.list.batch_size = [](std::uint8_t extensions) { return extensions == 0 ? 7 : 9; };
  int batch = 0;
  world.list.between = [&] {
    // After the first batch one of its sockets closes: the eighth moves to a position that was already read.
    if (++batch == 2) world.list.sockets.erase(world.list.sockets.begin());
  };
  SUBCASE("in the same refresh") {
    world.refresh();
    CHECK(world.table.find(8) != kNone);
    CHECK(world.track(8).absent == 0);
    CHECK(world.removed == std::vector<std::uint64_t>{1});
  }
  SUBCASE("or kept in doubt until the next") {
    world.refresh(1);
    CHECK(world.last.doubtful == 1);
    CHECK(world.track(8).absent == 1);
    CHECK(world.removed.empty());
    world.refresh(1);
    CHECK(world.track(8).absent == 0);
    CHECK(world.removed == std::vector<std::uint64_t>{1});
  }
}

TEST_CASE("a socket that closed at the end of a batch is removed when another batch proves it") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 20; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.list.batch_size = [](std::uint8_t extensions) { return extensions == 0 ? 7 : 9; };
  world.list.sockets.erase(world.list.sockets.begin() + 7);
  world.refresh();
  CHECK(world.removed == std::vector<std::uint64_t>{8});
  CHECK(world.last.doubtful == 0);
}

TEST_CASE("what stays in doubt is removed only after several passes") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 14; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.list.sockets.erase(world.list.sockets.begin() + 7);  // always the first after a batch of seven
  for (int pass = 1; pass < SocketTable::kRemoveAfter; pass++) {
    world.refresh(1);
    CHECK(world.track(8).absent == pass);
    CHECK(world.removed.empty());
  }
  world.refresh(1);
  CHECK(world.removed == std::vector<std::uint64_t>{8});
}

TEST_CASE("a bound socket never causes another dump, and is removed after three") {
  World world;
  world.list.sockets = {listener(1), {.cookie = 2, .state = 7}, {.cookie = 3, .state = 7}};
  world.refresh();
  world.list.sockets.erase(world.list.sockets.begin() + 1);
  for (int pass = 1; pass < SocketTable::kRemoveBoundAfter; pass++) {
    world.refresh();
    CHECK(world.last.doubtful == 0);
    CHECK(world.track(2).absent == pass);
  }
  world.refresh();
  CHECK(world.removed == std::vector<std::uint64_t>{2});
}

TEST_CASE("passes without bound sockets leave those unchanged, and none in doubt") {
  World world;
  world.list.sockets = {listener(1), listener(2), {.cookie = 3, .state = 7}, {.cookie = 4, .state = 7}};
  world.refresh();
  world.refresh();
  CHECK(world.table.unchanged());
  for (int round = 0; round < 2 * SocketTable::kRemoveAfter; round++) {
    world.refresh(5, false, false);
    CHECK(world.table.unchanged());
  }
  CHECK(world.row(4).state == State::bound);
  CHECK(world.track(4).absent == 0);
  // A closed one is removed when bound sockets are requested again, until no doubt is left.
  world.list.sockets.pop_back();
  world.refresh(5, false, false);
  CHECK(world.table.find(4) != kNone);
  world.refresh();
  for (int pass = 1; pass < SocketTable::kRemoveBoundAfter; pass++) world.refresh(5, false, false);
  CHECK(world.removed == std::vector<std::uint64_t>{4});
  world.refresh(5, false, false);
  CHECK(world.table.unchanged());
}

TEST_CASE("a bound socket that listens moves at once; one that stops listening is bound and never removed") {
  World world;
  world.list.sockets = {listener(1), listener(2), {.cookie = 3, .state = 7}};
  world.refresh();
  world.refresh();
  world.list.sockets[2].state = 10;
  world.refresh(5, false, false);
  CHECK(world.row(3).state == State::listening);
  CHECK(world.slots.changes.added.empty());
  world.refresh();
  world.refresh();
  world.list.sockets[1].state = 7;
  world.refresh(5, false, false);
  CHECK(world.row(2).state == State::bound);
  CHECK(world.removed.empty());
}

TEST_CASE("a listener missing in a pass without bound sockets is searched for among those before it is removed") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 6; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.refresh();
  world.list.sockets.erase(world.list.sockets.begin() + 2);
  world.refresh(0, false, false);
  CHECK(world.last.missed == 1);
  CHECK(world.removed.empty());
  CHECK(world.track(3).absent == 0);
  world.refresh(5, false, false);
  CHECK(world.removed == std::vector<std::uint64_t>{3});
}

TEST_CASE("values are compared with the previous refresh, not the previous pass") {
  World world;
  DiagSocket socket = listener(1);
  socket.memory = {0, 0, 0, 0, 0, 0, 0, 0, 10};
  world.list.sockets = {socket};
  world.refresh(5, true);
  CHECK(world.row(1).drops == 10);
  CHECK(world.row(1).drops_delta == 0);
  CHECK(world.row(1).change == Change::added);
  CHECK(world.row(1).since == 1);

  world.list.sockets[0].memory[8] = 15;
  world.refresh(5, true);
  CHECK(world.row(1).drops_delta == 5);
  CHECK(world.row(1).changed == 2);
  world.refresh(5, true);
  CHECK(world.row(1).drops_delta == 0);
  CHECK(world.row(1).changed == 3);
  world.refresh(5, true);
  CHECK(world.row(1).changed == 3);

  world.list.sockets[0].memory.clear();
  world.refresh();
  CHECK(world.row(1).drops == kUnknown);
  CHECK(world.row(1).drops_delta == kUnknown);
  world.list.sockets[0].memory = {0, 0, 0, 0, 0, 0, 0, 0, 20};
  world.refresh(5, true);
  CHECK(world.row(1).drops == 20);
  CHECK(world.row(1).drops_delta == kUnknown);
}

TEST_CASE("a wrapped counter has increased") {
  World world;
  DiagSocket socket = listener(1);
  socket.memory = {0, 0, 0, 0, 0, 0, 0, 0, 0xfffffff0u};
  world.list.sockets = {socket};
  world.refresh();
  world.list.sockets[0].memory[8] = 4;
  world.refresh();
  CHECK(world.row(1).drops_delta == 20);
}

TEST_CASE("v6only is kept for a socket that connects") {
  SocketSlots slots;
  slots.refresh = 1;
  SocketTable table(SocketTableKind::udp_ipv6, 1);
  DiagSocket socket{.cookie = 1, .family = AF_INET6, .state = 7, .address = "::1", .v6only = true};
  for (const unsigned state : {7u, 1u}) {
    socket.state = state;
    if (state == 1) socket.v6only.reset();
    table.begin_pass();
    const Buffer bytes = socket.bytes();
    CHECK(table.observe(slots, first_message(bytes), 0));
    table.end_pass(slots, {.batches = 1}, 1);
  }
  CHECK(slots.rows[table.find(1)].state == State::connected);
  CHECK(slots.rows[table.find(1)].v6only == V6Only::yes);
}

TEST_CASE("a dump that fails midway removes nothing") {
  World world;
  for (std::uint64_t cookie = 1; cookie <= 20; cookie++) world.list.sockets.push_back(listener(cookie));
  world.refresh();
  world.slots.refresh++;
  world.slots.changes.clear();
  world.table.begin_pass();
  for (const std::uint64_t cookie : {1u, 2u, 30u}) {
    const Buffer bytes = listener(cookie).bytes();
    world.table.observe(world.slots, first_message(bytes), 0);
  }
  world.table.abandon_pass(world.slots);
  CHECK(world.slots.changes.removed.empty());
  CHECK(world.slots.changes.added.size() == 1);
  world.shown.insert(30);
  world.refresh();
  CHECK(world.removed == std::vector<std::uint64_t>{30});
  CHECK(world.shown.size() == 20);
}

TEST_CASE("under churn: none listed twice, no open socket removed, none missing for good") {
  const unsigned seed = 39;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  for (const bool at_head : {true, false}) {
    World world;
    std::uint64_t next = 1;
    std::set<std::uint64_t> stable;
    for (; next <= 500; next++) {
      world.list.sockets.push_back(listener(next));
      if (next % 10 != 0) stable.insert(next);
    }
    // Longer replies make smaller batches, as in the kernel.
    world.list.batch_size = [](std::uint8_t extensions) {
      const std::size_t more =
          (extensions & 1 << (INET_DIAG_TOS - 1) ? 8u : 0u) + (extensions & 1 << (INET_DIAG_MEMINFO - 1) ? 20u : 0u);
      return 3200 / (124 + more);
    };
    world.refresh();
    world.list.between = [&] {
      auto& sockets = world.list.sockets;
      for (unsigned moves = random() % 3; moves > 0; moves--) {
        if (random() % 2 == 0 && sockets.size() < 520) {
          sockets.insert(at_head ? sockets.begin() : sockets.end(), listener(next++));
          continue;
        }
        const auto start = sockets.begin() + static_cast<std::ptrdiff_t>(random() % sockets.size());
        const auto victim =
            std::find_if(start, sockets.end(), [&](const DiagSocket& each) { return !stable.contains(each.cookie); });
        if (victim != sockets.end()) sockets.erase(victim);
      }
    };
    std::set<std::uint64_t> ever_removed;
    std::size_t most = 0;
    for (int round = 0; round < 300; round++) {
      world.refresh(5, false, round % 5 == 0);
      for (const std::uint64_t cookie : stable) CHECK(world.shown.contains(cookie));
      for (const std::uint64_t cookie : world.removed) CHECK(ever_removed.insert(cookie).second);
      for (const DiagSocket& there : world.list.sockets) CHECK_FALSE(ever_removed.contains(there.cookie));
      most = std::max(most, world.shown.size());
    }
    CHECK(most < 700);
    world.list.between = [] {};
    for (int round = 0; round < 6; round++) world.refresh();
    CHECK(world.shown.size() == world.list.sockets.size());
    for (const DiagSocket& there : world.list.sockets) CHECK(world.shown.contains(there.cookie));
  }
}
