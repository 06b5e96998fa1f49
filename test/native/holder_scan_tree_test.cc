// Scans of a directory in place of /proc: old kernels, odd contents, no /proc at all.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>

#include "addon/holder_scan.h"
#include "support/holders.h"
#include "support/temporary_directory.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// A process with a socket in the fixture tree `proc`.
void add_process(const TemporaryDirectory& proc, std::uint32_t pid, const std::string& command) {
  const auto directory = std::to_string(pid);
  proc.file(directory + "/stat", directory + " (" + command + ") S 1 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 77 1 1\n");
  std::filesystem::create_directories(proc.path(directory + "/fd"));
  proc.link(directory + "/ns/net", "net:[4026531840]");
}

}  // namespace

TEST_CASE("if /proc disappears, known data stays; when it is back, scans work again") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path("proc"));
  HolderScanner scanner(directory.path("proc"));
  directory.file("proc/12/stat", "12 (nginx) S 1 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 77 1 1\n");
  directory.link("proc/12/fd/3", "socket:[100]");
  const auto first = scanner.scan(false).index;

  std::filesystem::rename(directory.path("proc"), directory.path("away"));
  const auto failed = scanner.scan(false);
  REQUIRE(failed.failure);
  CHECK(failed.failure->error == ENOENT);
  CHECK(failed.index == first);

  std::filesystem::rename(directory.path("away"), directory.path("proc"));
  const auto after = scanner.scan(false);
  CHECK_FALSE(after.failure);
  CHECK(holders_of(*after.index, 100) == at(12, {3}));
}

TEST_CASE("an unreadable process hides no other") {
  const TemporaryDirectory proc;
  add_process(proc, 12, "broken");
  std::filesystem::remove(proc.path("12/fd"));
  proc.file("12/fd", "not a directory");
  add_process(proc, 13, "odd");
  proc.file("13/fd/3", "not a link");
  add_process(proc, 14, "nginx");
  proc.link("14/fd/3", "socket:[100]");
  HolderScanner scanner(proc.path());
  const auto scan = scanner.scan(false);
  CHECK_FALSE(scan.failure);
  CHECK(scan.refused == 2);
  CHECK(scan.index->process(12)->sockets == kUnknown);
  CHECK(scan.index->process(13)->sockets == kUnknown);
  CHECK(holders_of(*scan.index, 100) == at(14, {3}));
}

TEST_CASE("without /proc a scan reports it and returns an empty index") {
  const TemporaryDirectory directory;
  HolderScanner scanner(directory.path("none"));
  const auto scan = scanner.scan(false);
  REQUIRE(scan.failure);
  CHECK(scan.failure->error == ENOENT);
  CHECK(scan.failure->operation == "open " + directory.path("none"));
  REQUIRE(scan.index);
  CHECK(scan.index->processes.empty());
  CHECK(scan.index->generation == 0);
}

TEST_CASE("without a descriptor count, as before Linux 6.2, a swap shows at the next scan") {
  const TemporaryDirectory proc;
  add_process(proc, 12, "old kernel");
  proc.link("12/fd/3", "socket:[100]");
  HolderScanner scanner(proc.path());
  const auto first = scanner.scan(false).index;
  CHECK(holders_of(*first, 100) == at(12, {3}));
  CHECK(scanner.scan(false).index == first);

  std::filesystem::remove(proc.path("12/fd/3"));
  proc.link("12/fd/3", "socket:[200]");
  const auto second = scanner.scan(false).index;
  CHECK(second->of(100).empty());
  CHECK(holders_of(*second, 200) == at(12, {3}));
  CHECK(second->generation == first->generation + 1);
}

TEST_CASE("odd contents of /proc are harmless") {
  const TemporaryDirectory proc;
  add_process(proc, 12, "odd) (links");
  for (const auto& [fd, target] : std::map<std::string, std::string>{{"0", "/dev/null"},
                                                                     {"1", "socket:[4294967295]"},
                                                                     {"2", "socket:[4294967296]"},
                                                                     {"3", "socket:[]"},
                                                                     {"4", "socket:[12"},
                                                                     {"5", "pipe:[5]"},
                                                                     {"6", "anon_inode:[eventpoll]"},
                                                                     {"7", "anon_inode:[eventfd]"},
                                                                     {"x", "socket:[7]"},
                                                                     {"8", std::string(3000, 'a')},
                                                                     {"99999999999", "socket:[8]"},
                                                                     {"10", "socket:[9]"}}) {
    proc.link("12/fd/" + fd, target);
  }
  add_process(proc, 13, "no descriptors");
  std::filesystem::remove(proc.path("13/fd"));
  add_process(proc, 14, "cut");
  proc.file("14/stat", "14 (cut) S 1");
  proc.file("uptime", "1 1");
  proc.file("self/stat", "12 (self) S 1");
  add_process(proc, 4294967295u, "large pid");

  HolderScanner scanner(proc.path());
  for (int scans = 0; scans < 3; ++scans) {
    const auto scan = scanner.scan(false);
    const auto index = *scan.index;
    const auto* row = index.process(12);
    REQUIRE(row);
    CHECK(command_of(*row) == "odd) (links");
    CHECK(row->netns == 4026531840u);
    CHECK(row->sockets == 2);
    CHECK(row->epolls == 1);
    CHECK(holders_of(index, 4294967295u) == at(12, {1}));
    CHECK(holders_of(index, 9) == at(12, {10}));
    CHECK(index.holders.size() == 2);
    CHECK_FALSE(index.process(13));
    CHECK_FALSE(index.process(14));
    CHECK(index.process(4294967295u));
  }
}
