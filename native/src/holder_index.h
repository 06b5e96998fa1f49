// Who holds which socket: what one scan of /proc found, immutable, shared with the socket table.
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

// Built on a worker thread, then only read; the socket table keeps the last one by shared_ptr.
//
// A socket's inode number is enough to name it in every network namespace: sockets live in one sockfs, mounted once
// for the machine, and take their numbers from one counter (sock_alloc() in net/socket.c, get_next_ino() in
// fs/inode.c). The counter has 32 bits, so a number can come again after four billion allocations.
class HolderIndex {
 public:
  HolderIndex() = default;
  // `processes` ordered by pid; `holders` ordered by inode, then pid, then fd; `epolls` ordered by pid, then fd.
  HolderIndex(std::uint64_t generation, std::vector<ProcessRow> processes, std::vector<HolderRow> holders,
              std::vector<EpollFd> epolls);

  std::uint64_t generation = 0;       // grows only when something in it differs from the scan before
  std::vector<ProcessRow> processes;  // ordered by pid
  std::vector<HolderRow> holders;     // ordered by inode, then pid, then fd
  std::vector<EpollFd> epolls;        // ordered by pid, then fd

  // The rows that hold `inode`; empty where no readable process does. About 20 ns.
  std::span<const HolderRow> of(std::uint32_t inode) const;

  // The process with this pid, or null when the scan did not see it.
  const ProcessRow* process(std::uint32_t pid) const;

  // The epoll descriptors of this process.
  std::span<const EpollFd> epolls_of(std::uint32_t pid) const;

 private:
  std::size_t slot_of(std::uint32_t inode) const;

  std::vector<std::uint32_t> slots_;  // hash of an inode → its first row in `holders`; kUnknown where empty
};

using HolderIndexPtr = std::shared_ptr<const HolderIndex>;

}  // namespace reuseport
