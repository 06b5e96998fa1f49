// One process as /proc shows it: what it is, and which sockets and epoll sets are among its descriptors.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "records.h"

namespace reuseport {

// The start time of a process whose /proc/PID/stat may not be read (hidepid=1, proc(5)).
inline constexpr std::uint64_t kUnknownStartTime = ~std::uint64_t{0};

// What stat(2) tells without reading anything: it differs when the process must be read again.
struct ProcessStamp {
  std::uint64_t identity = 0;     // inode number of /proc/PID
  std::uint64_t descriptors = 0;  // st_size of /proc/PID/fd: how many, since Linux 6.2
  std::uint32_t uid = kUnknown;   // owner of /proc/PID: the effective uid
  bool operator==(const ProcessStamp&) const = default;
};

// A socket among the descriptors of a process.
struct HeldSocket {
  std::uint32_t inode;
  std::uint32_t fd;
  bool operator==(const HeldSocket&) const = default;
};

struct ProcessHoldings {
  ProcessStamp stamp;
  ProcessRow row{};
  std::vector<HeldSocket> sockets;    // ordered by fd
  std::vector<std::uint32_t> epolls;  // their fds, ascending

  bool unreadable() const { return row.sockets == kUnknown; }
};

// The descriptors to read: those from number `from`, at most `limit` of them.
struct DescriptorSlice {
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  std::uint32_t from = 0;
  std::uint64_t limit = kAll;
};

// How far a slice was read.
struct SliceRead {
  std::uint64_t descriptors = 0;      // how many were looked at
  std::optional<std::uint32_t> next;  // the first that was not; absent at the end of the table
};

// The stamp of the process in the procfs directory `proc`; nothing when it has gone. Throws SystemError where
// this process lacks memory or descriptors.
std::optional<ProcessStamp> read_stamp(int proc, std::uint32_t pid);

// Reads the process anew, or only a slice of its descriptors, into `holdings`; what `holdings` knows of the other
// descriptors stays. A process that cannot be read has kUnknown sockets and epolls afterwards. Nothing when it has
// gone; `holdings` is of no use then. Everything is read through one open /proc/PID, so another process that gets the
// pid meanwhile is never mixed in. `buffer` is scratch memory, aligned to 8, at least 4 KiB.
// Throws SystemError where this process lacks memory or descriptors (ENOMEM, EMFILE, ENFILE).
std::optional<SliceRead> read_process(int proc, std::uint32_t pid, DescriptorSlice slice, std::span<char> buffer,
                                      ProcessHoldings& holdings);

}  // namespace reuseport
