// What a scan finds and how it describes it, with real processes and sockets.
#include "addon/holder_scan.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "support/holders.h"
#include "support/socket_holder.h"
#include "support/temporary_directory.h"

using namespace reuseport;
using namespace reuseport::test;

TEST_CASE("sockets of every kind are found at every descriptor that refers to them") {
  SocketHolder process;
  const auto udp = process.open(AF_INET, SOCK_DGRAM);
  const auto tcp = process.open(AF_INET6, SOCK_STREAM);
  const auto local = process.open(AF_UNIX, SOCK_STREAM);
  const auto copy = process.duplicate(tcp.fd);
  REQUIRE(copy.inode == tcp.inode);

  HolderScanner scanner;
  const auto scan = scanner.scan(false);
  REQUIRE_FALSE(scan.failure);
  CHECK(holders_of(*scan.index, udp.inode) == at(process.pid(), {udp.fd}));
  CHECK(holders_of(*scan.index, tcp.inode) == at(process.pid(), {tcp.fd, copy.fd}));
  CHECK(holders_of(*scan.index, local.inode) == at(process.pid(), {local.fd}));
  REQUIRE(scan.index->process(process.pid()));
  CHECK(scan.index->process(process.pid())->sockets == 4);
}

TEST_CASE("a socket that several processes inherited has one row for each") {
  const UniqueFd shared(must(::socket(AF_INET, SOCK_STREAM, 0), "socket"));
  SocketHolder first;
  SocketHolder second;
  HolderScanner scanner;
  const auto index = scanner.scan(false).index;
  std::vector<Place> expected;
  for (const auto pid : {static_cast<std::uint32_t>(::getpid()), first.pid(), second.pid()}) {
    expected.emplace_back(pid, static_cast<std::uint32_t>(shared.get()));
  }
  std::ranges::sort(expected);
  CHECK(holders_of(*index, inode_of(shared.get())) == expected);
  for (const auto& row : index->of(inode_of(shared.get()))) CHECK(index->processes[row.process].pid == row.pid);
}

TEST_CASE("an index is in the documented order") {
  SocketHolder process;
  for (int count = 0; count < 50; ++count) process.open();
  HolderScanner scanner;
  const auto index = scanner.scan(false).index;
  CHECK(std::ranges::is_sorted(index->processes, {}, &ProcessRow::pid));
  CHECK(std::ranges::is_sorted(index->holders, {},
                               [](const HolderRow& row) { return std::tuple(row.inode, row.pid, row.fd); }));
}

TEST_CASE("a process is described correctly") {
  const auto ticks = [] {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return static_cast<std::uint64_t>(now.tv_sec) * hertz +
           static_cast<std::uint64_t>(now.tv_nsec) * hertz / 1000000000;
  };
  const auto before = ticks();
  SocketHolder process;
  const auto after = ticks();
  process.open();
  process.epoll();
  process.epoll();
  HolderScanner scanner;

  for (const std::string name : {"a) R 1 (b", "two\nlines", "\x1b[2J", "", "fifteen bytes.."}) {
    CAPTURE(name);
    process.rename(name);
    const auto index = scanner.scan(true).index;
    const auto* row = index->process(process.pid());
    REQUIRE(row);
    CHECK(command_of(*row) == name);
    CHECK(row->parent == static_cast<std::uint32_t>(::getpid()));
    CHECK(row->uid == ::geteuid());
    CHECK(row->start_time + 1 >= before);
    CHECK(row->start_time <= after + 1);
    CHECK(row->sockets == 1);
    CHECK(row->epolls == 2);
    CHECK(index->epolls_of(process.pid()).size() == 2);
    const UniqueFd own(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    CHECK(row->netns == inode_of(own.get()));
  }
}

TEST_CASE("a process of another uid in another network namespace is described correctly" * doctest::skip(!is_root())) {
  std::uint32_t netns = 0;
  auto [ours, theirs] = Channel::pair();
  SocketHolder process([&channel = theirs] {
    must(::unshare(CLONE_NEWNET), "unshare");
    const UniqueFd own(must(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "open"));
    channel.send(inode_of(own.get()));
    become_nobody();
  });
  netns = ours.receive<std::uint32_t>();
  const auto socket = process.open();
  HolderScanner scanner;
  const auto index = scanner.scan(false).index;
  REQUIRE(index->process(process.pid()));
  CHECK(index->process(process.pid())->uid == 65534);
  CHECK(index->process(process.pid())->netns == netns);
  CHECK(holders_of(*index, socket.inode) == at(process.pid(), {socket.fd}));
}

TEST_CASE("an ordinary user sees its own descriptors, and those of others as unknown" * doctest::skip(!is_root())) {
  struct Findings {
    bool failed;
    bool own_found;
    bool own_described;
    std::uint32_t refused;
    std::uint32_t other_sockets;
    std::uint32_t other_epolls;
    std::uint32_t other_uid;
    std::uint32_t other_netns;
    std::uint64_t other_start;
    char other_command[16];
  };
  SocketHolder other;
  other.rename("of root");
  const auto secret = other.open();
  Child user([&](Channel& channel) {
    become_nobody();
    const UniqueFd own(must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"));
    HolderScanner scanner;
    scanner.scan(false);
    const auto scan = scanner.scan(false);
    const auto& index = *scan.index;
    Findings findings{};
    findings.failed = scan.failure.has_value();
    findings.own_found =
        holders_of(index, inode_of(own.get())) == at(static_cast<std::uint32_t>(::getpid()), {own.get()});
    findings.own_described = index.process(static_cast<std::uint32_t>(::getpid()))->netns != kUnknown;
    findings.refused = scan.refused;
    if (const auto* row = index.process(other.pid())) {
      findings.other_sockets = row->sockets;
      findings.other_epolls = row->epolls;
      findings.other_uid = row->uid;
      findings.other_netns = row->netns;
      findings.other_start = row->start_time;
      std::ranges::copy(row->command, findings.other_command);
    }
    if (!index.of(secret.inode).empty()) findings.failed = true;
    channel.send(findings);
  });
  const auto findings = user.channel.receive<Findings>();
  CHECK_FALSE(findings.failed);
  CHECK(findings.own_found);
  CHECK(findings.own_described);
  CHECK(findings.refused >= 1);
  CHECK(findings.other_sockets == kUnknown);
  CHECK(findings.other_epolls == kUnknown);
  CHECK(findings.other_netns == kUnknown);
  CHECK(findings.other_uid == 0);
  CHECK(findings.other_start != kUnknownStartTime);
  CHECK(std::string(findings.other_command) == "of root");
}

TEST_CASE("under hidepid other processes are nameless or missing, and one's own are complete" *
          doctest::skip(!is_root())) {
  struct Findings {
    bool failed;
    bool own_found;
    bool other_there;
    ProcessRow other;
  };
  SocketHolder other;
  for (const std::string hidepid : {"1", "2"}) {
    CAPTURE(hidepid);
    const TemporaryDirectory mount_point;
    Child user([&](Channel& channel) {
      must(::unshare(CLONE_NEWNS), "unshare");
      must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
      must(::mount("proc", mount_point.path().c_str(), "proc", 0, ("hidepid=" + hidepid).c_str()), "mount proc");
      become_nobody();
      const UniqueFd own(must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"));
      HolderScanner scanner(mount_point.path());
      scanner.scan(false);
      const auto scan = scanner.scan(false);
      Findings findings{};
      findings.failed = scan.failure.has_value();
      findings.own_found = !scan.index->of(inode_of(own.get())).empty();
      if (const auto* row = scan.index->process(other.pid())) {
        findings.other_there = true;
        findings.other = *row;
      }
      channel.send(findings);
    });
    const auto findings = user.channel.receive<Findings>();
    CHECK_FALSE(findings.failed);
    CHECK(findings.own_found);
    REQUIRE(findings.other_there == (hidepid == "1"));
    if (hidepid == "1") {
      CHECK(findings.other.pid == other.pid());
      CHECK(findings.other.sockets == kUnknown);
      CHECK(findings.other.parent == kUnknown);
      CHECK(findings.other.start_time == kUnknownStartTime);
      CHECK(command_of(findings.other).empty());
    }
  }
}

TEST_CASE("processes and sockets that appear and disappear meanwhile do not affect others") {
  SocketHolder steady;
  std::vector<Held> sockets;
  for (int count = 0; count < 200; ++count) sockets.push_back(steady.open());
  // Both run as long as the test scans.
  Child forks([](Channel&) {
    for (;;) {
      const pid_t child = must(::fork(), "fork");
      if (child == 0) {
        for (int count = 0; count < 5; ++count) ::socket(AF_INET, SOCK_DGRAM, 0);
        ::_exit(0);
      }
      ::waitpid(child, nullptr, 0);
    }
  });
  Child opens([](Channel&) {
    for (;;) {
      std::vector<UniqueFd> held;
      for (int count = 0; count < 100; ++count) held.emplace_back(::socket(AF_INET, SOCK_DGRAM, 0));
    }
  });
  HolderScanner scanner;
  for (int scans = 0; scans < 100; ++scans) {
    const auto scan = scanner.scan(scans % 2 == 0);
    REQUIRE_FALSE(scan.failure);
    REQUIRE(std::ranges::all_of(sockets, [&](const Held& socket) {
      return holders_of(*scan.index, socket.inode) == at(steady.pid(), {socket.fd});
    }));
  }
}

TEST_CASE("scanning leaks no descriptor") {
  const auto count = [] {
    const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(std::filesystem::begin(entries), std::filesystem::end(entries));
  };
  HolderScanner scanner;
  scanner.scan(false);
  const auto before = count();
  for (int scans = 0; scans < 50; ++scans) scanner.scan(scans % 2 == 0);
  CHECK(count() == before);
}
