// A process that holds sockets and epoll sets on command, so that a test knows what it holds.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

#include "child.h"

namespace reuseport::test {

inline std::uint32_t inode_of(int fd) {
  struct stat status {};
  must(::fstat(fd, &status), "fstat");
  return static_cast<std::uint32_t>(status.st_ino);
}

inline std::uint64_t cookie_of(int fd) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  must(::getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length), "SO_COOKIE");
  return cookie;
}

struct Held {
  int fd = -1;
  std::uint32_t inode = 0;
  std::uint64_t cookie = 0;
};

class SocketHolder {
 public:
  // `prepare` runs in the new process before it takes commands: to change its uid, name or namespace.
  explicit SocketHolder(const std::function<void()>& prepare = [] {})
      : child_([&](Channel& channel) {
          prepare();
          channel.send(static_cast<int>(::getpid()));
          handle(channel);
        }),
        pid_(child_.channel.receive<int>()) {}

  // As the process sees itself.
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  void end() { child_.end(); }

  Held open(int family = AF_INET, int type = SOCK_DGRAM) { return run({.verb = Verb::open, .a = family, .b = type}); }
  Held duplicate(int fd) { return run({.verb = Verb::duplicate, .a = fd}); }
  void close(int fd) { run({.verb = Verb::close, .a = fd}); }
  // A different socket at the same descriptor: the number of descriptors stays the same.
  Held swap(int fd) { return run({.verb = Verb::swap, .a = fd}); }
  int epoll() { return run({.verb = Verb::epoll}).fd; }
  int event() { return run({.verb = Verb::event}).fd; }
  void watch(int epoll, int fd) { run({.verb = Verb::watch, .a = epoll, .b = fd}); }
  void option(int fd, int name, int value) { run({.verb = Verb::option, .a = fd, .b = name, .c = value}); }
  void rename(std::string_view name) {
    Command sent{.verb = Verb::rename};
    name.copy(sent.name, sizeof sent.name - 1);
    run(sent);
  }
  // The highest descriptor number that it can use, plus one.
  void limit(int descriptors) { run({.verb = Verb::limit, .a = descriptors}); }

 private:
  enum class Verb { open, duplicate, close, swap, epoll, event, watch, option, rename, limit };
  struct Command {
    Verb verb;
    int a = 0;
    int b = 0;
    int c = 0;
    char name[16] = {};
  };

  Held run(const Command& sent) {
    child_.channel.send(sent);
    return child_.channel.receive<Held>();
  }

  static Held describe(int fd) { return {.fd = fd, .inode = inode_of(fd), .cookie = cookie_of(fd)}; }

  static Held execute(const Command& sent) {
    switch (sent.verb) {
      case Verb::open:
        return describe(must(::socket(sent.a, sent.b, 0), "socket"));
      case Verb::duplicate:
        return describe(must(::dup(sent.a), "dup"));
      case Verb::close:
        must(::close(sent.a), "close");
        return {};
      case Verb::swap: {
        const UniqueFd fresh(must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"));
        return describe(must(::dup2(fresh.get(), sent.a), "dup2"));
      }
      case Verb::epoll:
        return {.fd = must(::epoll_create1(0), "epoll_create1")};
      case Verb::event:
        return {.fd = must(::eventfd(0, 0), "eventfd")};
      case Verb::watch: {
        epoll_event event{.events = EPOLLIN, .data = {.u64 = 0xfeedfacecafebeefu}};
        must(::epoll_ctl(sent.a, EPOLL_CTL_ADD, sent.b, &event), "epoll_ctl");
        return {};
      }
      case Verb::option:
        must(::setsockopt(sent.a, SOL_SOCKET, sent.b, &sent.c, sizeof sent.c), "setsockopt");
        return {};
      case Verb::rename:
        must(::prctl(PR_SET_NAME, sent.name), "prctl");
        return {};
      case Verb::limit: {
        const rlimit limit{.rlim_cur = static_cast<rlim_t>(sent.a), .rlim_max = static_cast<rlim_t>(sent.a)};
        must(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
        return {};
      }
    }
    return {};
  }

  static void handle(Channel& channel) {
    for (;;) channel.send(execute(channel.receive<Command>()));
  }

  Child child_;
  int pid_;
};

}  // namespace reuseport::test
