// Network namespaces that are reachable only through a socket: no process runs in them and no path names them, but a
// process outside holds a socket that was created there, as a container runtime may after its container has exited.
#pragma once

#include <cstdint>
#include <vector>

#include "holder_index.h"
#include "unique_fd.h"

namespace reuseport {

// A socket held by another process: descriptor `fd` of process `pid`. Its network namespace can be entered through it.
struct SocketRef {
  std::uint32_t pid;
  std::uint32_t fd;
  std::uint32_t inode;
};

// The network namespace of a socket that another process holds, opened (pidfd_getfd(2), then SIOCGSKNS, Linux 4.9).
// Throws SystemError: EPERM without ptrace access to the process or CAP_NET_ADMIN in that namespace, ESRCH or EBADF
// if the process or its descriptor is gone, ENOENT if the descriptor is now something else.
UniqueFd open_namespace_of(const SocketRef& socket);

struct SocketNamespace {
  std::uint32_t inode;  // of the socket
  std::uint32_t netns;  // kUnknown if it could not be read, or for a socket that is not an internet socket
};

struct HeldNamespace {
  std::uint32_t netns;
  SocketRef socket;
};

struct HeldNamespaceSearch {
  std::vector<HeldNamespace> found;  // every namespace with a held socket, ordered by number, each once
  std::uint32_t remaining = 0;       // sockets left for the next search
};

// Finds them. A socket never changes its namespace, so each is resolved once while it is held; sockets listed by the
// dump of an open namespace need no system call. Only internet sockets count: a namespace without any has nothing to
// show, and the netlink sockets that inspectors open in a namespace would keep each other's namespaces alive. Not
// thread-safe.
class HeldNamespaces {
 public:
  // `known`: sockets of open namespaces. Resolves at most `limit` sockets, about 10 us each, the first few of every
  // process before the rest: a daemon that keeps such a namespace alive has few sockets in it and many elsewhere. Does
  // nothing if the holders are those of the previous search and no socket remained.
  const HeldNamespaceSearch& search(const HolderIndexPtr& holders, std::vector<SocketNamespace> known,
                                    std::uint32_t limit);
  // True if search() would do anything.
  bool is_due(const HolderIndexPtr& holders) const { return holders != searched_ || result_.remaining > 0; }

 private:
  HolderIndexPtr searched_;
  std::vector<SocketNamespace> resolved_;  // ordered by inode; only sockets that are still held
  HeldNamespaceSearch result_;
};

}  // namespace reuseport
