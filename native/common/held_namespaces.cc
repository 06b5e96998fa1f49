#include "held_namespaces.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <utility>

#include "system_error.h"

namespace reuseport {
namespace {

constexpr const char* kOperation = "enter the network namespace of a held socket";

UniqueFd open_process(std::uint32_t pid) { return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

std::uint32_t inode_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint32_t>(status.st_ino) : 0;
}

bool is_internet_socket(int fd) {
  int domain = 0;
  socklen_t length = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && (domain == AF_INET || domain == AF_INET6);
}

// The socket's namespace, or none and errno.
UniqueFd namespace_of(int process, const SocketRef& socket) {
  const UniqueFd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process, socket.fd, 0)));
  if (!copy) return {};
  if (inode_of(copy.get()) != socket.inode || !is_internet_socket(copy.get())) {
    errno = ENOENT;
    return {};
  }
  return UniqueFd(::ioctl(copy.get(), SIOCGSKNS));
}

// Drops sockets that are no longer held; values from a dump take precedence over resolved ones.
std::vector<SocketNamespace> still_held(const HolderIndex& holders, std::vector<SocketNamespace> resolved,
                                        std::vector<SocketNamespace> known) {
  std::ranges::sort(known, {}, &SocketNamespace::inode);
  std::vector<SocketNamespace> merged;
  merged.reserve(resolved.size() + known.size());
  std::ranges::merge(known, resolved, std::back_inserter(merged), {}, &SocketNamespace::inode, &SocketNamespace::inode);
  const auto same = [](const SocketNamespace& a, const SocketNamespace& b) { return a.inode == b.inode; };
  merged.erase(std::unique(merged.begin(), merged.end(), same), merged.end());
  std::erase_if(merged, [&](const SocketNamespace& each) { return holders.of(each.inode).empty(); });
  return merged;
}

// One holder of each socket that is not in `known`, which is ordered by inode.
std::vector<SocketRef> unknown_sockets(const HolderIndex& holders, const std::vector<SocketNamespace>& known) {
  std::vector<SocketRef> sockets;
  auto next = known.begin();
  std::uint32_t inode = 0;
  for (const HolderRow& row : holders.holders) {
    if (row.inode == inode) continue;
    inode = row.inode;
    while (next != known.end() && next->inode < inode) ++next;
    if (next == known.end() || next->inode != inode) sockets.push_back({row.pid, row.fd, inode});
  }
  return sockets;
}

// Keeps `limit` of them, taking the first of every process, then the second and so on; groups them by process.
void keep_first_of_each(std::vector<SocketRef>& sockets, std::size_t limit) {
  if (sockets.size() > limit) {
    std::unordered_map<std::uint32_t, std::uint32_t> seen;
    std::vector<std::pair<std::uint32_t, SocketRef>> ranked;
    ranked.reserve(sockets.size());
    for (const SocketRef& socket : sockets) ranked.emplace_back(seen[socket.pid]++, socket);
    std::ranges::nth_element(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(limit), {},
                             [](const auto& each) { return each.first; });
    sockets.clear();
    for (std::size_t i = 0; i < limit; i++) sockets.push_back(ranked[i].second);
  }
  std::ranges::stable_sort(sockets, {}, &SocketRef::pid);
}

std::vector<SocketNamespace> resolve_namespaces(const std::vector<SocketRef>& sockets) {
  std::vector<SocketNamespace> answers;
  answers.reserve(sockets.size());
  UniqueFd process;
  std::uint32_t pid = 0;
  for (const SocketRef& socket : sockets) {
    if (socket.pid != pid) {
      process = open_process(socket.pid);
      pid = socket.pid;
    }
    const UniqueFd opened = process ? namespace_of(process.get(), socket) : UniqueFd();
    answers.push_back({socket.inode, opened ? inode_of(opened.get()) : kUnknown});
  }
  std::ranges::sort(answers, {}, &SocketNamespace::inode);
  return answers;
}

std::vector<HeldNamespace> one_socket_each(const HolderIndex& holders, const std::vector<SocketNamespace>& sockets) {
  std::vector<HeldNamespace> found;
  std::unordered_map<std::uint32_t, std::uint32_t> first;  // namespace → inode of a socket in it
  for (const SocketNamespace& each : sockets)
    if (each.netns != kUnknown) first.try_emplace(each.netns, each.inode);
  for (const auto& [netns, inode] : first) {
    const HolderRow& row = holders.of(inode).front();
    found.push_back({netns, {row.pid, row.fd, inode}});
  }
  std::ranges::sort(found, {}, &HeldNamespace::netns);
  return found;
}

}  // namespace

UniqueFd open_namespace_of(const SocketRef& socket) {
  const UniqueFd process = open_process(socket.pid);
  if (!process) throw SystemError(kOperation, errno);
  UniqueFd opened = namespace_of(process.get(), socket);
  if (!opened) throw SystemError(kOperation, errno);
  return opened;
}

const HeldNamespaceSearch& HeldNamespaces::search(const HolderIndexPtr& holders, std::vector<SocketNamespace> known,
                                                  std::uint32_t limit) {
  if (!is_due(holders)) return result_;
  resolved_ = still_held(*holders, std::move(resolved_), std::move(known));
  std::vector<SocketRef> unknown = unknown_sockets(*holders, resolved_);
  result_.remaining = static_cast<std::uint32_t>(unknown.size() - std::min<std::size_t>(unknown.size(), limit));
  keep_first_of_each(unknown, limit);
  const std::vector<SocketNamespace> answers = resolve_namespaces(unknown);
  const auto middle = static_cast<std::ptrdiff_t>(resolved_.size());
  resolved_.insert(resolved_.end(), answers.begin(), answers.end());
  std::ranges::inplace_merge(resolved_, resolved_.begin() + middle, {}, &SocketNamespace::inode);
  result_.found = one_socket_each(*holders, resolved_);
  searched_ = holders;
  return result_;
}

}  // namespace reuseport
