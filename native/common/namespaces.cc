#include "namespaces.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>
#include <thread>

#include "system_error.h"

namespace reuseport {
namespace {

struct stat status_of(int fd, const std::string& name) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw SystemError("fstat " + name, errno);
  return status;
}

bool same_namespace(int a, int b) {
  const auto first = status_of(a, "network namespace");
  const auto second = status_of(b, "network namespace");
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// The calling thread's namespace without procfs (Linux 6.9: pidfd_open(2) of a thread, ioctl_pidfd(2)); -1 and errno
// on older kernels.
int own_namespace_by_pidfd() {
  constexpr unsigned kPidfdThread = O_EXCL;                 // PIDFD_THREAD
  constexpr unsigned long kGetNetNamespace = _IO(0xFF, 4);  // PIDFD_GET_NET_NAMESPACE
  const UniqueFd thread(static_cast<int>(::syscall(SYS_pidfd_open, ::gettid(), kPidfdThread)));
  return thread ? ::ioctl(thread.get(), kGetNetNamespace, 0) : -1;
}

UniqueFd open_own_namespace() {
  constexpr auto path = "/proc/thread-self/ns/net";
  UniqueFd own(::open(path, O_RDONLY | O_CLOEXEC));
  if (own) return own;
  const int error = errno;
  own.reset(own_namespace_by_pidfd());
  if (!own) throw SystemError(std::string("open ") + path, error);
  return own;
}

// Checks before opening: an untrusted path may be a FIFO that blocks or a device that reacts to open(2).
UniqueFd open_named_namespace(const std::string& path) {
  const auto operation = "open network namespace " + path;
  if (path.find('\0') != std::string::npos) {
    throw SystemError("open network namespace", EINVAL, "the path contains a NUL byte");
  }
  const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) throw SystemError(operation, errno);
  struct statfs filesystem {};
  if (::fstatfs(place.get(), &filesystem) != 0) throw SystemError(operation, errno);
  if (filesystem.f_type != NSFS_MAGIC) {
    throw SystemError(operation, EINVAL, "not a namespace; use /proc/PID/ns/net or /run/netns/NAME");
  }
  UniqueFd opened(::open(("/proc/self/fd/" + std::to_string(place.get())).c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened) throw SystemError(operation, errno);
  if (::ioctl(opened.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    throw SystemError(operation, EINVAL, "a namespace, but not a network namespace");
  }
  return opened;
}

// Runs `action` on a separate thread and rethrows what it throws.
template <typename Action>
void on_helper_thread(Action&& action) {
  std::exception_ptr failure;
  try {
    std::thread([&] {
      try {
        action();
      } catch (...) {
        failure = std::current_exception();
      }
    }).join();
  } catch (const std::system_error& error) {
    throw SystemError("start a thread", error.code().value());
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

bool means_no_sock_diag(int error) {
  switch (error) {
    case ENOENT:
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:
    case EAFNOSUPPORT:
    case ESOCKTNOSUPPORT:
    case ECONNREFUSED:
    case EPERM:
    case EACCES:
    case ENOSYS:
      return true;
    default:
      return false;
  }
}

OpenNamespace open_namespace(const std::optional<std::string>& path) {
  return open_namespace(path ? open_named_namespace(*path) : open_own_namespace());
}

OpenNamespace open_namespace(UniqueFd descriptor) {
  OpenNamespace opened;
  opened.descriptor = std::move(descriptor);
  // nsfs takes its numbers from a 32-bit counter (ns_alloc_inum(), fs/nsfs.c).
  opened.inode = static_cast<std::uint32_t>(status_of(opened.descriptor.get(), "network namespace").st_ino);
  on_helper_thread([&] {
    const NamespaceVisit visit(opened.descriptor.get());
    // A seccomp filter can make setns(2) succeed without effect; the socket would be in the wrong namespace.
    if (!same_namespace(open_own_namespace().get(), opened.descriptor.get())) {
      throw SystemError("enter network namespace", EPERM, "setns reported success, but the thread did not move");
    }
    opened.netlink.reset(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (opened.netlink) return;
    opened.netlink_error = errno;
    if (!means_no_sock_diag(opened.netlink_error)) throw SystemError("open a sock_diag socket", opened.netlink_error);
  });
  return opened;
}

NamespaceVisit::NamespaceVisit(int namespace_fd) {
  UniqueFd home = open_own_namespace();
  if (same_namespace(home.get(), namespace_fd)) return;
  if (::setns(namespace_fd, CLONE_NEWNET) != 0) throw SystemError("enter network namespace", errno);
  home_ = std::move(home);
}

NamespaceVisit::~NamespaceVisit() {
  if (!home_ || ::setns(home_.get(), CLONE_NEWNET) == 0) return;
  std::perror("reuseport: cannot return to this thread's network namespace; aborting");
  std::abort();
}

}  // namespace reuseport
