// Scans /proc for which process holds which socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/holder_index.h"
#include "common/system_error.h"
#include "process_holdings.h"

namespace reuseport {

struct HolderScan {
  HolderIndexPtr index;       // never null
  std::uint32_t refused = 0;  // processes whose descriptors cannot be read, nearly always for lack of permissions
  std::uint64_t descriptors_read = 0;  // descriptors that this scan read
  std::optional<SystemError> failure;  // why the scan failed (no /proc, EMFILE); `index` is then that of the
                                       // previous scan, empty for the first
};

// Keeps its results, so that the next scan reads only what changed. Not thread-safe.
//
// A process is read again if its identity, its uid or its number of descriptors differs from the previous scan. The
// number of descriptors is st_size of /proc/PID/fd since Linux 6.2 (proc_readfd_count() in fs/proc/fd.c), at the cost
// of one stat(2); where the kernel does not report it, every process is read every time. The identity is the inode
// number of /proc/PID, which a process keeps while its entry is cached and which a later process with the same pid
// never gets (proc_pid_make_inode() and pid_revalidate() in fs/proc/base.c).
//
// Equal numbers can hide a swap: one socket closed, another opened. So each scan also rereads 1/32 of all descriptors
// in turn, and about 32 scans reread all of them. A large process is read in slices, so that no single scan pays for
// it. The same rotation finds a new comm or network namespace of a running process.
//
// Not seen: descriptors of threads with their own descriptor table (unshare(CLONE_FILES)), sockets held only by a
// queued SCM_RIGHTS message, an io_uring or the kernel itself, and processes outside the PID namespace of this /proc.
class HolderScanner {
 public:
  // `root`: mount point of procfs.
  explicit HolderScanner(std::string root = "/proc");

  // Checks every process; `full` rereads all of them. Failures are reported in the result, never thrown.
  HolderScan scan(bool full);

 private:
  // Where the rotation continues.
  struct Turn {
    std::uint32_t pid = 0;
    std::uint32_t fd = 0;
  };

  bool read_all(int proc, bool full, std::vector<ProcessHoldings>& next, HolderScan& result);

  std::string root_;
  bool counts_descriptors_ = false;     // whether this procfs reports how many descriptors a process has
  std::vector<ProcessHoldings> known_;  // each process as last read, ordered by pid
  HolderIndexPtr index_ = std::make_shared<const HolderIndex>();
  Turn turn_;
};

}  // namespace reuseport
