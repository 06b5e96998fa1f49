// What a second scan sees of changes, where the test starts every process.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "addon/holder_scan.h"
#include "support/holders.h"
#include "support/process_world.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// Scans until `holds` is true, at most as often as a full rotation takes, with room for processes that start and exit.
template <typename Condition>
bool within_a_turn(HolderScanner& scanner, Condition&& holds) {
  for (int scans = 0; scans < 80; ++scans) {
    if (holds(*scanner.scan(false).index)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("without changes the next scan returns the same index and reads little" * doctest::skip(!is_root())) {
  ProcessWorld world;
  const auto process = world.holder();
  process->limit(4000);
  for (int count = 0; count < 3000; ++count) process->open();
  HolderScanner scanner(world.proc());
  const auto first = scanner.scan(false);
  CHECK(first.index->holders.size() == 3000);
  CHECK(first.descriptors_read >= 3000);
  for (int count = 0; count < 40; ++count) {
    const auto next = scanner.scan(false);
    CHECK(next.index == first.index);
    CHECK(next.descriptors_read <= 256);
  }
  const auto full = scanner.scan(true);
  CHECK(full.index == first.index);
  CHECK(full.descriptors_read == first.descriptors_read);
}

TEST_CASE("added and removed sockets show at the next scan, with a new generation" * doctest::skip(!is_root())) {
  ProcessWorld world;
  const auto process = world.holder();
  HolderScanner scanner(world.proc());
  const auto before = scanner.scan(false).index->generation;

  const auto socket = process->open();
  auto index = scanner.scan(false).index;
  CHECK(holders_of(*index, socket.inode) == at(process->pid(), {socket.fd}));
  CHECK(index->generation == before + 1);

  process->close(socket.fd);
  index = scanner.scan(false).index;
  CHECK(index->of(socket.inode).empty());
  CHECK(index->generation == before + 2);

  const auto other = world.holder();
  index = scanner.scan(false).index;
  CHECK(index->process(other->pid()));
  CHECK(index->generation == before + 3);

  const auto pid = other->pid();
  other->end();
  index = scanner.scan(false).index;
  CHECK_FALSE(index->process(pid));
  CHECK(index->generation == before + 4);
}

TEST_CASE("a swap with an unchanged count shows within a rotation, and at once in a full scan" *
          doctest::skip(!is_root())) {
  ProcessWorld world;
  const auto process = world.holder();
  process->limit(6000);
  std::map<int, std::uint32_t> truth;
  for (int count = 0; count < 5000; ++count) {
    const auto socket = process->open();
    truth[socket.fd] = socket.inode;
  }
  const auto is_true = [&](const HolderIndex& index) {
    if (index.holders.size() != truth.size()) return false;
    return std::ranges::all_of(index.holders, [&](const HolderRow& row) {
      const auto found = truth.find(static_cast<int>(row.fd));
      return found != truth.end() && found->second == row.inode;
    });
  };
  HolderScanner scanner(world.proc());
  REQUIRE(is_true(*scanner.scan(false).index));

  for (const int fd : {truth.begin()->first, truth.rbegin()->first, 2500}) {
    CAPTURE(fd);
    truth[fd] = process->swap(fd).inode;
    CHECK(within_a_turn(scanner, is_true));
  }
  truth[4000] = process->swap(4000).inode;
  CHECK(is_true(*scanner.scan(true).index));
}

TEST_CASE("a new comm of a running process shows within a rotation" * doctest::skip(!is_root())) {
  ProcessWorld world;
  const auto process = world.holder();
  HolderScanner scanner(world.proc());
  scanner.scan(false);
  process->rename("renamed");
  CHECK(within_a_turn(scanner, [&](const HolderIndex& index) {
    const auto* row = index.process(process->pid());
    return row && command_of(*row) == "renamed";
  }));
}

TEST_CASE("a process that reuses a pid is a different process" * doctest::skip(!is_root())) {
  ProcessWorld world;
  HolderScanner scanner(world.proc());
  auto first = world.holder(3000);
  REQUIRE(first->pid() == 3000);
  const auto old_socket = first->open();
  auto index = scanner.scan(false).index;
  REQUIRE(holders_of(*index, old_socket.inode) == at(3000, {old_socket.fd}));
  first.reset();

  const auto second = world.holder(3000);
  REQUIRE(second->pid() == 3000);
  const auto new_socket = second->open();
  REQUIRE(new_socket.fd == old_socket.fd);
  index = scanner.scan(false).index;
  CHECK(index->of(old_socket.inode).empty());
  CHECK(holders_of(*index, new_socket.inode) == at(3000, {new_socket.fd}));
}
