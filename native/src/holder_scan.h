// The scan of /proc for who holds which socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "holder_index.h"
#include "system_error.h"

namespace reuseport {

struct HolderScan {
  HolderIndexPtr index;                // never null; empty when `failure` is set
  std::uint32_t refused = 0;           // processes whose descriptors may not be read (EACCES, EPERM)
  std::uint32_t reread = 0;            // processes whose descriptors were read by this scan
  std::optional<SystemError> failure;  // why nothing could be read at all, e.g. no /proc
};

// Keeps what it saw, so that the next scan reads only what changed. Not for two threads at once.
//
// A process is read again when its identity, its uid or the number of its descriptors differs from the scan before.
// The number of descriptors is st_size of /proc/PID/fd since Linux 6.2 (proc_readfd_count() in fs/proc/fd.c), for one
// stat(2); where the kernel does not tell it, every process is read every time. The identity is the inode number of
// /proc/PID, which a process keeps as long as its entry is cached and which a later process with the same pid never
// gets (proc_pid_make_inode() and pid_revalidate() in fs/proc/base.c).
// Equal numbers can hide a swap (one socket closed, another opened). So each scan also reads a share of the processes
// in turn: 1/32 of all descriptors, at least 256; after 32 scans everything has been looked at again. The same turn
// finds a new name (comm) or network namespace of a running process.
//
// Not seen: descriptors of threads that left their process's table (unshare(CLONE_FILES)), sockets that only a queued
// SCM_RIGHTS message, an io_uring or the kernel itself holds, and processes outside the PID namespace of this /proc.
class HolderScanner {
 public:
  // `root` is where procfs is mounted.
  explicit HolderScanner(std::string root = "/proc");

  // Looks at every process; `full` reads all of them again. Never throws for what a process or the kernel does.
  HolderScan scan(bool full);

 private:
  struct Held {
    std::uint32_t inode;
    std::uint32_t fd;
  };
  // One process as last read.
  struct Known {
    ProcessRow row{};
    std::uint64_t identity = 0;     // inode number of /proc/PID
    std::uint64_t descriptors = 0;  // st_size of /proc/PID/fd
    std::uint64_t read_at = 0;      // scan that read it
    std::vector<Held> sockets;      // ordered by fd
    std::vector<std::uint32_t> epolls;
  };

  std::string root_;
  std::uint64_t scans_ = 0;
  std::vector<Known> known_;  // ordered by pid
  HolderIndexPtr index_;
};

}  // namespace reuseport
