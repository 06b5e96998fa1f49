#include "common/holder_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

using namespace reuseport;

namespace {

std::vector<std::uint32_t> fds_of(std::span<const HolderRow> rows) {
  std::vector<std::uint32_t> fds;
  for (const auto& row : rows) fds.push_back(row.fd);
  return fds;
}

}  // namespace

TEST_CASE("an empty index can be searched") {
  const HolderIndex none;
  CHECK(none.of(0).empty());
  CHECK(none.of(kUnknown).empty());
  CHECK(none.process(1) == nullptr);
  CHECK(none.epolls_of(1).empty());

  const HolderIndex built(1, {}, {}, {});
  CHECK(built.of(4711).empty());
}

TEST_CASE("a socket's rows are those with its inode, in order") {
  const HolderIndex index(1, {}, {{5, 10, 3, 0}, {5, 10, 4, 0}, {5, 11, 3, 1}, {7, 10, 9, 0}, {4294967295u, 11, 1, 1}},
                          {});
  CHECK(fds_of(index.of(5)) == std::vector<std::uint32_t>{3, 4, 3});
  CHECK(fds_of(index.of(7)) == std::vector<std::uint32_t>{9});
  CHECK(fds_of(index.of(4294967295u)) == std::vector<std::uint32_t>{1});
  CHECK(index.of(6).empty());
}

TEST_CASE("exactly the right inodes are found among many, close together or far apart") {
  std::mt19937 random(20130121);
  for (const std::uint32_t spread : {1u, 2u, 4096u, 65536u}) {
    CAPTURE(spread);
    std::map<std::uint32_t, std::size_t> expected;
    for (std::uint32_t at = 0; at < 20000; ++at)
      expected[(at * spread) ^ (spread > 1 ? random() % spread : 0)] += 1 + random() % 3;
    std::vector<HolderRow> rows;
    for (const auto& [inode, count] : expected) {
      for (std::uint32_t fd = 0; fd < count; ++fd) rows.push_back({inode, 1, fd, 0});
    }
    const HolderIndex index(1, {}, rows, {});
    bool right = true;
    for (const auto& [inode, count] : expected)
      right &= index.of(inode).size() == count && index.of(inode).front().inode == inode;
    for (int at = 0; at < 20000; ++at) {
      const auto inode = static_cast<std::uint32_t>(random());
      const auto found = expected.find(inode);
      right &= index.of(inode).size() == (found == expected.end() ? 0 : found->second);
    }
    CHECK(right);
  }
}

TEST_CASE("a process and its epoll descriptors are found by pid") {
  ProcessRow first{};
  first.pid = 10;
  ProcessRow second{};
  second.pid = 4000;
  const HolderIndex index(1, {first, second}, {}, {{10, 4}, {10, 9}, {4000, 5}});
  REQUIRE(index.process(4000));
  CHECK(index.process(4000)->pid == 4000);
  CHECK(index.process(11) == nullptr);
  CHECK(index.epolls_of(10).size() == 2);
  CHECK(index.epolls_of(4000).front().fd == 5);
  CHECK(index.epolls_of(11).empty());
}
