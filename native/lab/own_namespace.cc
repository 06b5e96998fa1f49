#include "own_namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "common/unique_fd.h"
#include "protocol.h"

namespace reuseport::lab {
namespace {

void write_file(const char* path, const std::string& text) {
  const UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
  if (!fd || ::write(fd.get(), text.data(), text.size()) < 0) throw LabError("write", errno, path);
}

// Maps one user to itself (user_namespaces(7)).
void map_user(uid_t uid, gid_t gid) {
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", std::to_string(uid) + " " + std::to_string(uid) + " 1");
  write_file("/proc/self/gid_map", std::to_string(gid) + " " + std::to_string(gid) + " 1");
}

void raise_loopback() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!fd || ::ioctl(fd.get(), SIOCSIFFLAGS, &request) < 0) throw LabError("ioctl SIOCSIFFLAGS", errno, "lo");
}

}  // namespace

void enter_own_namespace(std::optional<bool> migrate_requests) {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::unshare(CLONE_NEWNET) < 0) {
    if (errno != EPERM) throw LabError("unshare", errno, "namespace");
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) throw LabError("unshare", errno, "namespace");
    map_user(uid, gid);
  }
  raise_loopback();
  if (migrate_requests) write_file("/proc/sys/net/ipv4/tcp_migrate_req", *migrate_requests ? "1" : "0");
}

std::uint32_t network_namespace() {
  struct stat status {};
  if (::stat("/proc/self/ns/net", &status) < 0) throw LabError("stat", errno, "/proc/self/ns/net");
  return static_cast<std::uint32_t>(status.st_ino);
}

}  // namespace reuseport::lab
