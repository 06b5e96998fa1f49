// A PID namespace with its own procfs, so that a test knows every process that a scan can see.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <memory>
#include <string>

#include "child.h"
#include "socket_holder.h"
#include "temporary_directory.h"

namespace reuseport::test {

class ProcessWorld {
 public:
  ProcessWorld()
      : starter_([this](Channel& channel) {
          must(::unshare(CLONE_NEWPID | CLONE_NEWNS), "unshare");
          must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
          Child init([&](Channel&) {
            must(::mount("proc", mount_point_.path().c_str(), "proc", 0, nullptr), "mount proc");
            channel.send(0);
            for (;;) {
              const int last_pid = channel.receive<int>();
              const UniqueFd file(must(::open("/proc/sys/kernel/ns_last_pid", O_WRONLY), "open ns_last_pid"));
              const auto text = std::to_string(last_pid);
              must(::write(file.get(), text.data(), text.size()), "write ns_last_pid");
              channel.send(0);
            }
          });
          channel.send(static_cast<int>(init.pid()));
          init.wait();
        }) {
    // Sent by two processes, in any order: one is 0, the other the pid.
    const int one = starter_.channel.receive<int>();
    const int other = starter_.channel.receive<int>();
    init_ = "/proc/" + std::to_string(one + other);
    namespace_.reset(must(::open((init_ + "/ns/pid").c_str(), O_RDONLY | O_CLOEXEC), "open PID namespace"));
  }

  // The path of its procfs from outside.
  std::string proc() const { return init_ + "/root" + mount_point_.path(); }

  // A process inside, with this `pid` if given.
  std::unique_ptr<SocketHolder> holder(std::uint32_t pid = 0) {
    if (pid != 0) {
      starter_.channel.send(static_cast<int>(pid - 1));
      starter_.channel.receive<int>();
    }
    const UniqueFd home(must(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), "open PID namespace"));
    must(::setns(namespace_.get(), CLONE_NEWPID), "setns");
    std::unique_ptr<SocketHolder> made;
    try {
      made = std::make_unique<SocketHolder>();
    } catch (...) {
      must(::setns(home.get(), CLONE_NEWPID), "setns");
      throw;
    }
    must(::setns(home.get(), CLONE_NEWPID), "setns");
    return made;
  }

 private:
  TemporaryDirectory mount_point_;
  Child starter_;
  std::string init_;
  UniqueFd namespace_;
};

}  // namespace reuseport::test
