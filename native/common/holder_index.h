// Which process holds which socket: the immutable result of one scan of /proc, shared with the frame.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "records.h"

namespace reuseport {

// One epoll descriptor of one process.
struct EpollFd {
  std::uint32_t pid;
  std::uint32_t fd;
};

// Built on a worker thread, then read-only; the frame keeps the last one by shared_ptr.
//
// A socket's inode number identifies it across network namespaces: all sockets are in one sockfs, mounted once per
// machine, and take their numbers from one counter (sock_alloc() in net/socket.c, get_next_ino() in fs/inode.c). The
// counter has 32 bits, so numbers can repeat after four billion allocations.
class HolderIndex {
 public:
  HolderIndex() = default;
  // `processes` ordered by pid; `holders` ordered by inode, then pid, then fd; `epolls` ordered by pid, then fd.
  HolderIndex(std::uint64_t generation, std::vector<ProcessRow> processes, std::vector<HolderRow> holders,
              std::vector<EpollFd> epolls);

  std::uint64_t generation = 0;       // increases only if the content differs from the previous scan
  std::vector<ProcessRow> processes;  // ordered by pid
  std::vector<HolderRow> holders;     // ordered by inode, then pid, then fd
  std::vector<EpollFd> epolls;        // ordered by pid, then fd

  // The holders of `inode`; empty if no readable process holds it. About 20 ns.
  std::span<const HolderRow> of(std::uint32_t inode) const;

  // The process with this pid, or null if the scan did not see it.
  const ProcessRow* process(std::uint32_t pid) const;

  // The epoll descriptors of this process.
  std::span<const EpollFd> epolls_of(std::uint32_t pid) const;

 private:
  std::size_t slot_of(std::uint32_t inode) const;

  std::vector<std::uint32_t> slots_;  // hash of an inode → its first row in `holders`; kUnknown if empty
};

using HolderIndexPtr = std::shared_ptr<const HolderIndex>;

}  // namespace reuseport
