// Network namespaces that are reached only through a socket: no process lives in them, nothing names them, and somebody
// outside holds a socket that was made there, as a container runtime does after the container has gone.
#pragma once

#include <cstdint>
#include <vector>

#include "holder_index.h"
#include "unique_fd.h"

namespace reuseport {

// A socket by which its network namespace can be entered: descriptor `fd` of process `pid`.
struct SocketWitness {
  std::uint32_t pid;
  std::uint32_t fd;
  std::uint32_t inode;
};

// The network namespace of a socket that another process holds, opened (pidfd_getfd(2), then SIOCGSKNS, Linux 4.9).
// Throws SystemError: EPERM without ptrace access to the process or CAP_NET_ADMIN in that namespace, ESRCH or EBADF
// where the process or its descriptor is gone, ENOENT where the descriptor is something else by now.
UniqueFd open_namespace_of(const SocketWitness& socket);

struct SocketNamespace {
  std::uint32_t inode;  // of the socket
  std::uint32_t netns;  // kUnknown where it could not be asked for, and of one that is no internet socket
};

struct HeldNamespace {
  std::uint32_t netns;
  SocketWitness witness;
};

struct HeldNamespaceSearch {
  std::vector<HeldNamespace> found;  // every namespace that a held socket is in, ordered by number, each once
  std::uint32_t unasked = 0;         // sockets that were left for the next search
};

// Looks for them. A socket never changes its namespace, so each is asked once while it is held; one that a dump of an
// open namespace told of is not asked at all. Internet sockets alone count: in a namespace without any there is nothing to
// see, and the netlink sockets by which we look into one would keep it, ours and those of another engine for each other.
// Not for two threads at once.
class HeldNamespaces {
 public:
  // `known`: sockets of open namespaces. At most `limit` sockets are asked, some 10 us each, the first ones of every
  // process before the others: a daemon that keeps such a namespace keeps few sockets in it, and many elsewhere. Nothing
  // is done where the holders are those of the search before and none was left unasked.
  const HeldNamespaceSearch& search(const HolderIndexPtr& holders, std::vector<SocketNamespace> known,
                                    std::uint32_t limit);
  // True where search() would ask or count again.
  bool is_due(const HolderIndexPtr& holders) const { return holders != searched_ || result_.unasked > 0; }

 private:
  HolderIndexPtr searched_;
  std::vector<SocketNamespace> asked_;  // ordered by inode; only sockets that are still held
  HeldNamespaceSearch result_;
};

}  // namespace reuseport
