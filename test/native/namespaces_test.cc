#include "common/namespaces.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "common/system_error.h"
#include "support/socket_holder.h"
#include "support/system_call_filter.h"
#include "support/temporary_directory.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

std::uint32_t own_namespace() {
  const UniqueFd own(must(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open own namespace"));
  return inode_of(own.get());
}

// The namespace of a socket (SIOCGSKNS, socket.c). Needs root.
std::uint32_t namespace_of_socket(int socket) {
  const UniqueFd found(must(::ioctl(socket, SIOCGSKNS), "SIOCGSKNS"));
  return inode_of(found.get());
}

// A process in its own network namespace.
struct Elsewhere {
  Elsewhere() : inode(process.channel.receive<std::uint32_t>()) {}
  std::string path() const { return "/proc/" + std::to_string(process.pid()) + "/ns/net"; }

  Child process{[](Channel& channel) {
    must(::unshare(CLONE_NEWNET), "unshare");
    channel.send(own_namespace());
    channel.receive<int>();
  }};
  std::uint32_t inode;
};

// The errno of opening `path`, or 0.
int error_of(const std::string& path) {
  try {
    open_namespace(path);
    return 0;
  } catch (const SystemError& error) {
    CHECK(error.operation.find("network namespace") != std::string::npos);
    return error.error;
  }
}

}  // namespace

TEST_CASE("the caller's own namespace opens without a path") {
  const auto opened = open_namespace(std::nullopt);
  CHECK(opened.inode == own_namespace());
  CHECK(opened.netlink);
  CHECK(inode_of(opened.descriptor.get()) == opened.inode);
}

TEST_CASE("a named namespace opens, its socket is inside, and the caller stays outside" * doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  const auto home = own_namespace();
  const auto opened = open_namespace(elsewhere.path());
  CHECK(opened.inode == elsewhere.inode);
  CHECK(opened.inode != home);
  CHECK(namespace_of_socket(opened.netlink.get()) == elsewhere.inode);
  CHECK(own_namespace() == home);
  int protocol = 0;
  socklen_t length = sizeof protocol;
  must(::getsockopt(opened.netlink.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &length), "SO_PROTOCOL");
  CHECK(protocol == 4);  // NETLINK_SOCK_DIAG
  CHECK((::fcntl(opened.netlink.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(opened.descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a namespace is kept alive by its descriptor after its last process has exited" * doctest::skip(!is_root())) {
  Elsewhere elsewhere;
  const auto opened = open_namespace(elsewhere.path());
  elsewhere.process.end();
  CHECK(run_within(opened.descriptor.get(), own_namespace) == opened.inode);
  CHECK(error_of(elsewhere.path()) != 0);
}

TEST_CASE("a namespace mounted on a file, as ip-netns(8) makes it, opens by that file" * doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  const TemporaryDirectory directory;
  directory.file("blue", "");
  // In a separate mount namespace, so that nothing has to be unmounted here.
  Child mounts([&](Channel& channel) {
    must(::unshare(CLONE_NEWNS), "unshare");
    must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
    must(::mount(elsewhere.path().c_str(), directory.path("blue").c_str(), nullptr, MS_BIND, nullptr), "bind");
    channel.send(open_namespace(directory.path("blue")).inode);
  });
  CHECK(mounts.channel.receive<std::uint32_t>() == elsewhere.inode);
}

TEST_CASE("anything but a network namespace is refused by name, without blocking") {
  const TemporaryDirectory directory;
  directory.file("file", "net:[4026531840]");
  must(::mkfifo(directory.path("fifo").c_str(), 0666), "mkfifo");
  CHECK(error_of(directory.path("file")) == EINVAL);
  CHECK(error_of(directory.path("fifo")) == EINVAL);
  CHECK(error_of(directory.path()) == EINVAL);
  CHECK(error_of("/dev/null") == EINVAL);
  CHECK(error_of("/proc/self/stat") == EINVAL);
  CHECK(error_of("/proc/self/ns/mnt") == EINVAL);
  CHECK(error_of("/proc/self/ns/user") == EINVAL);
  CHECK(error_of(std::string("/proc/self/ns/net\0x", 19)) == EINVAL);
  CHECK(error_of("") == ENOENT);
  CHECK(error_of(directory.path("none")) == ENOENT);
  CHECK(error_of(directory.path("file") + "/net") == ENOTDIR);
  CHECK(error_of(std::string(5000, 'a')) == ENAMETOOLONG);
}

TEST_CASE("an error names the operation and the cause") {
  const TemporaryDirectory directory;
  directory.file("file", "");
  try {
    open_namespace(directory.path("file"));
    FAIL("a plain file was taken for a namespace");
  } catch (const SystemError& error) {
    const std::string text = error.what();
    CHECK(text.find(directory.path("file")) != std::string::npos);
    CHECK(text.find("not a namespace") != std::string::npos);
  }
}

TEST_CASE("an ordinary user opens its own namespace, by name too, and no other" * doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  const UniqueFd other(must(::open(elsewhere.path().c_str(), O_RDONLY), "open"));
  Child user([&](Channel& channel) {
    become_nobody();
    channel.send(open_namespace(std::nullopt).inode == own_namespace());
    channel.send(open_namespace("/proc/self/ns/net").inode == own_namespace());
    channel.send(error_of(elsewhere.path()));
    // A namespace descriptor from another process can be inspected, but not entered.
    channel.send(error_of("/proc/self/fd/" + std::to_string(other.get())));
  });
  CHECK(user.channel.receive<bool>());
  CHECK(user.channel.receive<bool>());
  CHECK(user.channel.receive<int>() == EACCES);
  CHECK(user.channel.receive<int>() == EPERM);
}

TEST_CASE("without /proc the caller's own namespace still opens (Linux 6.9)" * doctest::skip(!is_root())) {
  const TemporaryDirectory empty;
  const auto home = own_namespace();
  Child jailed([&](Channel& channel) {
    must(::chroot(empty.path().c_str()), "chroot");
    try {
      channel.send(static_cast<int>(open_namespace(std::nullopt).inode == home));
    } catch (const SystemError& error) {
      channel.send(-error.error);
    }
  });
  const int answer = jailed.channel.receive<int>();
  CHECK((answer == 1 || answer == -ENOENT));
}

TEST_CASE("an action runs inside and its socket stays there; the thread returns" * doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  const auto home = own_namespace();
  const auto opened = open_namespace(elsewhere.path());
  const auto socket = run_within(opened.descriptor.get(), [&] {
    CHECK(own_namespace() == elsewhere.inode);
    return UniqueFd(must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"));
  });
  CHECK(own_namespace() == home);
  CHECK(namespace_of_socket(socket.get()) == elsewhere.inode);
}

TEST_CASE("the thread returns also if an action throws, and actions can be nested" * doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  const Elsewhere farther;
  const auto home = own_namespace();
  const auto opened = open_namespace(elsewhere.path());
  const auto second = open_namespace(farther.path());
  CHECK_THROWS_AS(run_within(opened.descriptor.get(), []() -> int { throw std::runtime_error("no"); }),
                  std::runtime_error);
  CHECK(own_namespace() == home);
  run_within(opened.descriptor.get(), [&] {
    CHECK(run_within(second.descriptor.get(), own_namespace) == farther.inode);
    CHECK(own_namespace() == elsewhere.inode);
  });
  CHECK(own_namespace() == home);
}

TEST_CASE("visiting the thread's own namespace needs no permissions") {
  const auto opened = open_namespace(std::nullopt);
  CHECK(run_within(opened.descriptor.get(), own_namespace) == opened.inode);
}

TEST_CASE("a descriptor that is not a namespace is refused and the thread stays") {
  const auto home = own_namespace();
  const UniqueFd file(::open("/dev/null", O_RDONLY));
  CHECK_THROWS_AS(run_within(file.get(), [] {}), SystemError);
  CHECK_THROWS_AS(run_within(-1, [] {}), SystemError);
  CHECK(own_namespace() == home);
}

TEST_CASE("a process that cannot return aborts instead of continuing in the wrong namespace" *
          doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  const auto opened = open_namespace(elsewhere.path());
  Child lost([&](Channel& channel) {
    // doctest, forked with the rest, would report the signal as a failed test.
    ::signal(SIGABRT, SIG_DFL);
    const UniqueFd quiet(::open("/dev/null", O_WRONLY));
    ::dup2(quiet.get(), 2);
    run_within(opened.descriptor.get(), [] { must(::setuid(65534), "setuid"); });
    channel.send(0);
  });
  const int status = lost.wait();
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

TEST_CASE("a setns(2) that succeeds without effect is detected" * doctest::skip(!is_root())) {
  const Elsewhere elsewhere;
  Child filtered([&](Channel& channel) {
    answer_system_call(SYS_setns, 0);
    try {
      open_namespace(elsewhere.path());
      channel.send(0);
    } catch (const SystemError& error) {
      channel.send(error.error);
    }
  });
  CHECK(filtered.channel.receive<int>() == EPERM);
}

TEST_CASE("opening namespaces leaks no descriptor") {
  const auto count = [] {
    const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(std::filesystem::begin(entries), std::filesystem::end(entries));
  };
  const auto before = count();
  for (int times = 0; times < 20; ++times) {
    open_namespace(std::nullopt);
    open_namespace("/proc/self/ns/net");
    error_of("/proc/self/ns/mnt");
    error_of("/dev/null");
  }
  CHECK(count() == before);
}
