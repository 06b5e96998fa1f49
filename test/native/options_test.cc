#include "common/options.h"

#include <doctest/doctest.h>
#include <sys/syscall.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "support/socket_holder.h"
#include "support/system_call_filter.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

OptionQuery query(const SocketHolder& process, const Held& socket) {
  return {.pid = process.pid(), .fd = static_cast<std::uint32_t>(socket.fd), .cookie = socket.cookie};
}

OptionAnswer answer_to(const OptionQuery& query) { return read_options(std::vector{query}).front(); }

std::ptrdiff_t open_descriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return std::distance(std::filesystem::begin(entries), std::filesystem::end(entries));
}

}  // namespace

TEST_CASE("the options of another process's sockets are read as set") {
  SocketHolder process;
  std::vector<OptionQuery> queries;
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    for (const bool reuse_port : {false, true}) {
      for (const bool reuse_addr : {false, true}) {
        const auto socket = process.open(AF_INET6, type);
        process.option(socket.fd, SO_REUSEPORT, reuse_port);
        process.option(socket.fd, SO_REUSEADDR, reuse_addr);
        queries.push_back(query(process, socket));
      }
    }
  }
  const auto answers = read_options(queries);
  REQUIRE(answers.size() == 8);
  for (std::size_t at = 0; at < answers.size(); ++at) {
    CAPTURE(at);
    CHECK(answers[at].status == OptionStatus::read);
    CHECK(answers[at].error == 0);
    CHECK(answers[at].options.bits ==
          (kOptionsFromSocket | ((at & 2) != 0 ? kReusePort : 0) | ((at & 1) != 0 ? kReuseAddr : 0)));
    CHECK(answers[at].options.incoming_cpu == kCpuNotSet);
  }
}

TEST_CASE("every option in rows.def is read") {
  SocketHolder process;
  const auto socket = process.open();
  const auto answer = answer_to(query(process, socket));
#define OPTION(type, name, unread) CHECK_MESSAGE(answer.options.name != (unread), #name);
#include "common/rows.def"
}

TEST_CASE("SO_INCOMING_CPU is read if set, also CPU 0") {
  SocketHolder process;
  for (const int cpu : {0, 1, kCpuNotSet + 1}) {
    const auto socket = process.open();
    process.option(socket.fd, SO_INCOMING_CPU, cpu);
    CHECK(answer_to(query(process, socket)).options.incoming_cpu == std::min<int>(cpu, kCpuNotSet));
  }
}

TEST_CASE("one's own sockets can be read too") {
  const UniqueFd socket(must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"));
  const auto answer = answer_to(
      {static_cast<std::uint32_t>(::getpid()), static_cast<std::uint32_t>(socket.get()), cookie_of(socket.get())});
  CHECK(answer.status == OptionStatus::read);
  CHECK((answer.options.bits & kReusePort) == 0);
}

TEST_CASE("a descriptor that is now another socket, or none, is rejected") {
  SocketHolder process;
  const auto socket = process.open();
  process.option(socket.fd, SO_REUSEPORT, 1);
  const auto original = query(process, socket);
  REQUIRE(answer_to(original).status == OptionStatus::read);

  const auto fresh = process.swap(socket.fd);
  CHECK(answer_to(original).status == OptionStatus::other);
  CHECK(answer_to(query(process, fresh)).status == OptionStatus::read);

  const int event = process.event();
  CHECK(answer_to({process.pid(), static_cast<std::uint32_t>(event), socket.cookie}).status == OptionStatus::other);
}

TEST_CASE("a closed descriptor and an exited process are gone, and other queries are answered") {
  SocketHolder first;
  SocketHolder second;
  const auto closed = first.open();
  const auto open = first.open();
  const auto of_ended = second.open();
  first.close(closed.fd);
  const std::vector queries{query(second, of_ended), query(second, of_ended), query(first, closed), query(first, open)};
  second.end();
  const auto answers = read_options(queries);
  CHECK(answers[0].status == OptionStatus::gone);
  CHECK(answers[0].error == ESRCH);
  CHECK(answers[1].status == OptionStatus::gone);
  CHECK(answers[2].status == OptionStatus::gone);
  CHECK(answers[2].error == EBADF);
  CHECK(answers[3].status == OptionStatus::read);
}

TEST_CASE("invalid pids and descriptors are harmless") {
  SocketHolder process;
  const auto socket = process.open();
  for (const auto pid : {0u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    CAPTURE(pid);
    CHECK(answer_to({pid, static_cast<std::uint32_t>(socket.fd), socket.cookie}).status != OptionStatus::read);
  }
  for (const auto fd : {100000u, 0x7fffffffu, 0xffffffffu}) {
    CAPTURE(fd);
    CHECK(answer_to({process.pid(), fd, socket.cookie}).status == OptionStatus::gone);
  }
  CHECK(read_options({}).empty());
}

TEST_CASE("an ordinary user reads its own sockets and is refused others'" * doctest::skip(!is_root())) {
  SocketHolder of_root;
  const auto secret = of_root.open();
  SocketHolder of_nobody(become_nobody);
  const auto open = of_nobody.open();
  of_nobody.option(open.fd, SO_REUSEPORT, 1);
  Child user([&](Channel& channel) {
    become_nobody();
    channel.send(answer_to(query(of_root, secret)).status);
    channel.send((answer_to(query(of_nobody, open)).options.bits & kReusePort) != 0);
  });
  CHECK(user.channel.receive<OptionStatus>() == OptionStatus::refused);
  CHECK(user.channel.receive<bool>());
}

TEST_CASE("a kernel without these system calls is reported") {
  SocketHolder process;
  const auto socket = process.open();
  for (const long missing : {SYS_pidfd_open, SYS_pidfd_getfd}) {
    CAPTURE(missing);
    Child older([&](Channel& channel) {
      answer_system_call(static_cast<std::uint32_t>(missing), ENOSYS);
      channel.send(answer_to(query(process, socket)).status);
    });
    CHECK(older.channel.receive<OptionStatus>() == OptionStatus::unavailable);
  }
}

TEST_CASE("reading options leaks no descriptor") {
  SocketHolder first;
  SocketHolder second;
  const auto a = first.open();
  const auto b = second.open();
  const auto wrong = OptionQuery{first.pid(), static_cast<std::uint32_t>(a.fd), b.cookie};
  const auto before = open_descriptors();
  for (int count = 0; count < 50; ++count) read_options(std::vector{query(first, a), query(second, b), wrong});
  CHECK(open_descriptors() == before);
}
