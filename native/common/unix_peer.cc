#include "unix_peer.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "system_error.h"

namespace reuseport {
namespace {

// The uid that the kernel shows for unmapped users (proc(5), overflowuid).
uid_t overflow_uid() {
  uid_t uid = 65534;
  std::ifstream("/proc/sys/kernel/overflowuid") >> uid;
  return uid;
}

// True if every uid is mapped in this process's user namespace, as in the initial one: no uid is then ambiguous.
bool every_uid_is_mapped() {
  std::uint32_t inner = 1, outer = 1, count = 0;
  std::ifstream("/proc/self/uid_map") >> inner >> outer >> count;
  return inner == 0 && count == UINT32_MAX;
}

}  // namespace

std::optional<uid_t> peer_uid(int connection) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return std::nullopt;
  if (peer.uid == overflow_uid() && !every_uid_is_mapped()) return std::nullopt;
  return peer.uid;
}

UniqueFd connect_to_user(const std::string& name, uid_t uid) {
  const std::string operation = "connect @" + name;
  sockaddr_un address{};
  if (name.size() + 1 > sizeof address.sun_path) throw SystemError(operation, ENAMETOOLONG);
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // a leading NUL: abstract (unix(7))
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!connection) throw SystemError(operation, errno);
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), length) < 0) {
    if (errno == ECONNREFUSED) return {};
    throw SystemError(operation, errno);
  }
  if (peer_uid(connection.get()) != uid) return {};
  return connection;
}

}  // namespace reuseport
