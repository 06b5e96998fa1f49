#include "holder_scan.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/process_world.h"
#include "support/socket_holder.h"
#include "support/temporary_directory.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

using Place = std::pair<std::uint32_t, std::uint32_t>;  // pid, fd

std::vector<Place> holders_of(const HolderIndex& index, std::uint32_t inode) {
  std::vector<Place> places;
  for (const auto& row : index.of(inode)) places.emplace_back(row.pid, row.fd);
  return places;
}

std::vector<Place> at(std::uint32_t pid, std::initializer_list<int> fds) {
  std::vector<Place> places;
  for (const int fd : fds) places.emplace_back(pid, static_cast<std::uint32_t>(fd));
  return places;
}

std::string command_of(const ProcessRow& row) {
  return {row.command.data(), ::strnlen(row.command.data(), row.command.size())};
}

// Scans until `holds` does, at most as often as the turn needs to come round, with room for processes coming and going.
template <typename Condition>
bool within_a_turn(HolderScanner& scanner, Condition&& holds) {
  for (int scans = 0; scans < 80; ++scans) {
    if (holds(*scanner.scan(false).index)) return true;
  }
  return false;
}

// A process with a socket in the fixture tree `proc`.
void add_process(const TemporaryDirectory& proc, std::uint32_t pid, const std::string& command) {
  const auto directory = std::to_string(pid);
  proc.file(directory + "/stat", directory + " (" + command + ") S 1 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 77 1 1\n");
  std::filesystem::create_directories(proc.path(directory + "/fd"));
  proc.link(directory + "/ns/net", "net:[4026531840]");
}

}  // namespace

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

TEST_CASE("an index is in the order that it promises") {
  SocketHolder process;
  for (int count = 0; count < 50; ++count) process.open();
  HolderScanner scanner;
  const auto index = scanner.scan(false).index;
  CHECK(std::ranges::is_sorted(index->processes, {}, &ProcessRow::pid));
  CHECK(std::ranges::is_sorted(index->holders, {}, [](const HolderRow& row) { return std::tuple(row.inode, row.pid, row.fd); }));
}

TEST_CASE("a process is described as it is") {
  const auto ticks = [] {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return static_cast<std::uint64_t>(now.tv_sec) * hertz + static_cast<std::uint64_t>(now.tv_nsec) * hertz / 1000000000;
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

TEST_CASE("a process of another uid in another network namespace is described as it is" * doctest::skip(!is_root())) {
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

TEST_CASE("in a quiet world the next scan gives the same index and reads little" * doctest::skip(!is_root())) {
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

TEST_CASE("what comes and goes shows at the next scan, with a new generation" * doctest::skip(!is_root())) {
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

TEST_CASE("a swap that leaves the count as it was shows within a turn, and at once in a full scan" * doctest::skip(!is_root())) {
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

TEST_CASE("a new comm of a running process shows within a turn" * doctest::skip(!is_root())) {
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

TEST_CASE("another process that got the pid is another process" * doctest::skip(!is_root())) {
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

TEST_CASE("an ordinary user sees its own descriptors, and of others that they are not known" * doctest::skip(!is_root())) {
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
    findings.own_found = holders_of(index, inode_of(own.get())) == at(static_cast<std::uint32_t>(::getpid()), {own.get()});
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

TEST_CASE("under hidepid other processes are nameless or not there, and one's own are" * doctest::skip(!is_root())) {
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

TEST_CASE("processes and sockets that come and go meanwhile disturb nobody else") {
  SocketHolder steady;
  std::vector<Held> sockets;
  for (int count = 0; count < 200; ++count) sockets.push_back(steady.open());
  // Both work for as long as the test looks.
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

TEST_CASE("scanning leaves no descriptor behind") {
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

TEST_CASE("when /proc goes, what was known stays; when it is back, so is the scan") {
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

TEST_CASE("a process that cannot be read hides no other") {
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

TEST_CASE("without /proc a scan says so and gives an empty index") {
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

TEST_CASE("where descriptors are not counted, as before Linux 6.2, a swap shows at the next scan") {
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

TEST_CASE("odd contents of /proc do no harm") {
  const TemporaryDirectory proc;
  add_process(proc, 12, "odd) (links");
  for (const auto& [fd, target] : std::map<std::string, std::string>{
           {"0", "/dev/null"}, {"1", "socket:[4294967295]"}, {"2", "socket:[4294967296]"}, {"3", "socket:[]"},
           {"4", "socket:[12"}, {"5", "pipe:[5]"}, {"6", "anon_inode:[eventpoll]"}, {"7", "anon_inode:[eventfd]"},
           {"x", "socket:[7]"}, {"8", std::string(3000, 'a')}, {"99999999999", "socket:[8]"}, {"10", "socket:[9]"}}) {
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
