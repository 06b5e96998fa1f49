#include "bound_listing.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "common/netlink.h"
#include "common/sock_diag.h"
#include "common/system_error.h"
#include "common/unique_fd.h"

namespace reuseport {

bool lists_bound_tcp() {
  const char* const operation = "look for a bound TCP socket that is not listening";
  const UniqueFd bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!bound) throw SystemError(operation, errno);
  sockaddr_in any_port{};
  any_port.sin_family = AF_INET;
  if (::bind(bound.get(), reinterpret_cast<const sockaddr*>(&any_port), sizeof any_port) != 0)
    throw SystemError(operation, errno);
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  if (::getsockopt(bound.get(), SOL_SOCKET, SO_COOKIE, &cookie, &length) != 0) throw SystemError(operation, errno);

  UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink) throw SystemError(operation, errno);
  NetlinkConnection connection(make_transport(std::move(netlink)));
  bool listed = false;
  const auto request = build_dump(SocketTableKind::tcp, {.listening = false, .bound = true});
  connection.dump(request, operation, [&](const Message& message, std::uint32_t) {
    const auto socket = parse_socket(Protocol::tcp, 0, message);
    if (socket && socket->cookie == cookie) listed = true;
  });
  return listed;
}

}  // namespace reuseport
