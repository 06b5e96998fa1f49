// The scan of /proc for who holds which socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holder_index.h"
#include "process_holdings.h"
#include "system_error.h"

namespace reuseport {

struct HolderScan {
  HolderIndexPtr index;                // never null
  std::uint32_t refused = 0;           // processes whose descriptors cannot be read, nearly always for want of rights
  std::uint64_t descriptors_read = 0;  // descriptors that this scan looked at
  std::optional<SystemError> failure;  // why the scan did not end (no /proc, EMFILE); `index` is then that of the scan
                                       // before, empty for the first
};

// Keeps what it saw, so that the next scan reads only what changed. Not for two threads at once.
//
// A process is read again when its identity, its uid or the number of its descriptors differs from the scan before.
// The number of descriptors is st_size of /proc/PID/fd since Linux 6.2 (proc_readfd_count() in fs/proc/fd.c), for one
// stat(2); where the kernel does not tell it, every process is read every time. The identity is the inode number of
// /proc/PID, which a process keeps as long as its entry is cached and which a later process with the same pid never
// gets (proc_pid_make_inode() and pid_revalidate() in fs/proc/base.c).
//
// Equal numbers can hide a swap: one socket closed, another opened. So each scan also reads a share of the descriptors
// in turn, 1/32 of all that there are, and after about 32 scans has read every one again. A large process is read in
// slices, so that no scan pays for it at once. The same turn finds a new comm or network namespace of a running
// process.
//
// Not seen: descriptors of threads that left their process's table (unshare(CLONE_FILES)), sockets that only a queued
// SCM_RIGHTS message, an io_uring or the kernel itself holds, and processes outside the PID namespace of this /proc.
class HolderScanner {
 public:
  // `root` is where procfs is mounted.
  explicit HolderScanner(std::string root = "/proc");

  // Looks at every process; `full` reads all of them again. Throws nothing for what a process or the kernel does.
  HolderScan scan(bool full);

 private:
  // Where the reading in turn goes on.
  struct Turn {
    std::uint32_t pid = 0;
    std::uint32_t fd = 0;
  };

  bool read_all(int proc, bool full, std::vector<ProcessHoldings>& next, HolderScan& result);

  std::string root_;
  bool counted_ = false;                // whether this procfs tells how many descriptors a process has
  std::vector<ProcessHoldings> known_;  // what is known of each process, ordered by pid
  HolderIndexPtr index_ = std::make_shared<const HolderIndex>();
  Turn turn_;
};

}  // namespace reuseport
