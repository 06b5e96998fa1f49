#include "addon/pollers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "addon/holder_scan.h"
#include "common/system_error.h"
#include "support/socket_holder.h"
#include "support/temporary_directory.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

PollerScan pollers_of(std::initializer_list<std::uint32_t> pids) {
  HolderScanner scanner;
  const std::vector<std::uint32_t> wanted(pids);
  return scan_pollers(wanted, *scanner.scan(false).index);
}

std::vector<Poller> sorted(std::vector<Poller> pollers) {
  std::ranges::sort(pollers);
  return pollers;
}

}  // namespace

TEST_CASE("a line of an epoll set is parsed to its socket") {
  // As Linux 6.18 prints it, for a socket and for an eventfd (device 0xe).
  constexpr auto socket = "tfd:        5 events:       19 data: feedfacecafebeef  pos:0 ino:1a2b3 sdev:8";
  CHECK(parse_epoll_target(socket, 8) == 0x1a2b3u);
  CHECK_FALSE(parse_epoll_target(socket, 9));
  CHECK_FALSE(parse_epoll_target("tfd:        6 events:       19 data: feedfacecafebeef  pos:0 ino:1a2b3 sdev:e", 8));
}

TEST_CASE("a line without an inode, or of another form, gives nothing") {
  for (const char* line :
       {"", "tfd:", "pos:\t0", "flags:\t02", "ino:\t1049", "tfd:        5 events:       19 data:                5 ",
        "tfd: 5 events: 19 data: 5  pos:0 ino: sdev:8", "tfd: 5 events: 19 data: 5  pos:0 ino:zz sdev:8",
        "tfd: 5 events: 19 data: 5  pos:0 ino:1a2b3",
        "tfd: 5 events: 19 data: 5  pos:0 ino:1a2b3 sdev:", "tfd: 5 events: 19 data: 5  pos:0 ino:100000000 sdev:8",
        "tfd: 5 events: 19 data: 5  pos:0 ino:ffffffffffffffffff sdev:8", " tfd: 5 ino:1 sdev:8"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_epoll_target(line, 8));
  }
}

TEST_CASE("of inherited sockets, each worker polls those in its own epoll set") {
  SocketHolder first;
  SocketHolder second;
  const auto a = first.open(AF_INET, SOCK_STREAM);
  const auto b = first.open(AF_INET6, SOCK_DGRAM);
  const auto unwatched = first.open();
  const auto c = second.open();
  const int epoll = first.epoll();
  first.watch(epoll, a.fd);
  first.watch(epoll, b.fd);
  const int other = second.epoll();
  second.watch(other, c.fd);

  const auto scan = pollers_of({first.pid(), second.pid()});
  CHECK(scan.refused == 0);
  CHECK(scan.pollers == sorted({{a.inode, first.pid()}, {b.inode, first.pid()}, {c.inode, second.pid()}}));
  CHECK(std::ranges::none_of(scan.pollers, [&](const Poller& poller) { return poller.inode == unwatched.inode; }));
}

TEST_CASE("a socket in several sets of a process, or at several descriptors, is one pair") {
  SocketHolder process;
  const auto socket = process.open();
  const auto copy = process.duplicate(socket.fd);
  for (int count = 0; count < 3; ++count) {
    const int epoll = process.epoll();
    process.watch(epoll, socket.fd);
    process.watch(epoll, copy.fd);
  }
  CHECK(pollers_of({process.pid()}).pollers == std::vector<Poller>{{socket.inode, process.pid()}});
}

TEST_CASE("an epoll set that a child inherited counts for both") {
  const UniqueFd socket(must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"));
  const UniqueFd epoll(must(::epoll_create1(0), "epoll_create1"));
  epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
  must(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, socket.get(), &event), "epoll_ctl");
  SocketHolder child;
  const auto self = static_cast<std::uint32_t>(::getpid());
  CHECK(pollers_of({self, child.pid()}).pollers ==
        sorted({{inode_of(socket.get()), self}, {inode_of(socket.get()), child.pid()}}));
}

TEST_CASE("anything but a socket in an epoll set is ignored") {
  SocketHolder process;
  const int epoll = process.epoll();
  process.watch(epoll, process.event());
  process.watch(epoll, process.epoll());
  CHECK(pollers_of({process.pid()}).pollers.empty());
}

TEST_CASE("every entry of a large epoll set is read") {
  SocketHolder process;
  process.limit(4000);
  const int epoll = process.epoll();
  std::vector<Poller> expected;
  for (int count = 0; count < 3000; ++count) {
    const auto socket = process.open();
    process.watch(epoll, socket.fd);
    expected.push_back({socket.inode, process.pid()});
  }
  CHECK(pollers_of({process.pid()}).pollers == sorted(expected));
}

TEST_CASE("a process that has exited, or is not in the index, adds nothing") {
  SocketHolder process;
  const auto socket = process.open();
  process.watch(process.epoll(), socket.fd);
  const std::vector<std::uint32_t> pids{process.pid()};
  CHECK(scan_pollers(pids, HolderIndex()).pollers.empty());

  HolderScanner scanner;
  const auto index = scanner.scan(false).index;
  process.end();
  const auto scan = scan_pollers(pids, *index);
  CHECK(scan.pollers.empty());
  CHECK(scan.refused == 0);
}

TEST_CASE("an epoll descriptor that became something else since the scan adds nothing") {
  SocketHolder process;
  const auto socket = process.open();
  const int epoll = process.epoll();
  process.watch(epoll, socket.fd);
  HolderScanner scanner;
  const auto index = scanner.scan(false).index;
  process.swap(epoll);
  const std::vector<std::uint32_t> pids{process.pid()};
  CHECK(scan_pollers(pids, *index).pollers.empty());
  process.close(epoll);
  CHECK(scan_pollers(pids, *index).pollers.empty());
}

TEST_CASE("an ordinary user is refused the epoll sets of others, which is reported" * doctest::skip(!is_root())) {
  SocketHolder process;
  const auto socket = process.open();
  process.watch(process.epoll(), socket.fd);
  const std::vector<std::uint32_t> pids{process.pid()};
  HolderScanner scanner;
  const auto known_to_root = scanner.scan(false).index;
  Child user([&](Channel& channel) {
    become_nobody();
    HolderScanner own;
    const auto scanned = scan_pollers(pids, *own.scan(false).index);
    channel.send(scanned.refused);
    channel.send(scanned.pollers.size());
    // Permissions can be lost between the two scans.
    const auto late = scan_pollers(pids, *known_to_root);
    channel.send(late.refused);
    channel.send(late.pollers.size());
  });
  CHECK(user.channel.receive<std::uint32_t>() == 1);
  CHECK(user.channel.receive<std::size_t>() == 0);
  CHECK(user.channel.receive<std::uint32_t>() == 1);
  CHECK(user.channel.receive<std::size_t>() == 0);
}

TEST_CASE("without /proc a scan of pollers fails") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(scan_pollers({}, HolderIndex(), directory.path("none")), SystemError);
}
