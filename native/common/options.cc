#include "options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "records.h"
#include "unique_fd.h"

namespace reuseport {
namespace {

OptionStatus status_of(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return OptionStatus::refused;
    case ESRCH:
    case EBADF:
      return OptionStatus::gone;
    case ENOTSOCK:
      return OptionStatus::other;
    case ENOSYS:
      return OptionStatus::unavailable;
    default:
      return OptionStatus::failed;
  }
}

OptionAnswer failure(int error) { return {.status = status_of(error), .error = error}; }

template <typename Value>
bool get_option(int fd, int name, Value& value, int level = SOL_SOCKET) {
  socklen_t length = sizeof value;
  return ::getsockopt(fd, level, name, &value, &length) == 0;
}

bool has_inode(int fd, std::uint32_t inode) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) && static_cast<std::uint32_t>(status.st_ino) == inode;
}

// An MPTCP descriptor refers to the MPTCP socket. The listener in a dump is one of its subflows, with a different
// cookie and the same inode (__mptcp_socket_create(), net/mptcp/protocol.c).
bool is_requested(int fd, const OptionQuery& query, std::uint64_t cookie) {
  if (cookie == query.cookie) return true;
  if (is_inode_key(query.cookie)) return has_inode(fd, query.inode);
  int protocol = 0;
  return get_option(fd, SO_PROTOCOL, protocol) && protocol == IPPROTO_MPTCP && has_inode(fd, query.inode);
}

OptionAnswer read_socket(int fd, const OptionQuery& query) {
  std::uint64_t cookie = 0;
  if (!get_option(fd, SO_COOKIE, cookie)) return failure(errno);
  if (!is_requested(fd, query, cookie)) return {.status = OptionStatus::other};

  int reuse_port = 0;
  int reuse_addr = 0;
  if (!get_option(fd, SO_REUSEPORT, reuse_port) || !get_option(fd, SO_REUSEADDR, reuse_addr)) return failure(errno);
  Options options{.bits = kOptionsFromSocket};
  if (reuse_port != 0) options.bits |= kReusePort;
  if (reuse_addr != 0) options.bits |= kReuseAddr;
  int defer_accept = 0;
  if (get_option(fd, TCP_DEFER_ACCEPT, defer_accept, IPPROTO_TCP) && defer_accept != 0) options.bits |= kDeferAccept;
  int cpu = -1;
  // No Linux has more than 8192 CPUs (CONFIG_NR_CPUS), but the option accepts any number; -1 is not set.
  const bool has_cpu = get_option(fd, SO_INCOMING_CPU, cpu) && cpu >= 0;
  options.incoming_cpu = static_cast<std::uint16_t>(has_cpu ? std::min<int>(cpu, kCpuNotSet) : kCpuNotSet);
  int interface = 0;
  if (get_option(fd, SO_BINDTOIFINDEX, interface)) options.interface = static_cast<std::uint32_t>(interface);
  int v6only = 0;
  if (get_option(fd, IPV6_V6ONLY, v6only, IPPROTO_IPV6)) options.v6only = v6only != 0 ? V6Only::yes : V6Only::no;
  return {.status = OptionStatus::read, .options = options};
}

}  // namespace

std::vector<OptionAnswer> read_options(std::span<const OptionQuery> queries) {
  std::vector<OptionAnswer> answers;
  answers.reserve(queries.size());
  UniqueFd process;
  int process_error = 0;
  for (std::size_t at = 0; at < queries.size(); ++at) {
    const auto& query = queries[at];
    if (at == 0 || queries[at - 1].pid != query.pid) {
      process.reset(static_cast<int>(::syscall(SYS_pidfd_open, query.pid, 0)));
      process_error = process ? 0 : errno;
    }
    if (!process) {
      answers.push_back(failure(process_error));
      continue;
    }
    const UniqueFd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), query.fd, 0)));
    answers.push_back(copy ? read_socket(copy.get(), query) : failure(errno));
  }
  return answers;
}

}  // namespace reuseport
