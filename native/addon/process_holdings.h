// One process as /proc shows it: its properties, and the sockets and epoll sets among its descriptors.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "common/records.h"

namespace reuseport {

// What stat(2) reports without reading anything. A difference means that the process must be reread.
struct ProcessStamp {
  std::uint64_t identity = 0;     // inode number of /proc/PID
  std::uint64_t descriptors = 0;  // st_size of /proc/PID/fd: their number since Linux 6.2
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

// The descriptors to read: from number `from`, at most `limit`.
struct DescriptorSlice {
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  std::uint32_t from = 0;
  std::uint64_t limit = kAll;
};

// How far a slice was read.
struct SliceRead {
  std::uint64_t descriptors = 0;      // how many were read
  std::optional<std::uint32_t> next;  // the first one not read; absent at the end of the table
};

// The stamp of a process in the procfs directory `proc`; nothing if it has exited. Throws SystemError if this process
// is out of memory or descriptors.
std::optional<ProcessStamp> read_stamp(int proc, std::uint32_t pid);

// Rereads the process, or only a slice of its descriptors, into `holdings`; the other descriptors in it stay. A process
// that cannot be read has kUnknown sockets and epolls afterwards. Nothing if it has exited; `holdings` is then invalid.
// Everything is read through one open /proc/PID, so another process that gets the pid meanwhile is never mixed in.
// `buffer` is scratch memory, aligned to 8, at least 4 KiB. Throws SystemError if this process is out of memory or
// descriptors (ENOMEM, EMFILE, ENFILE).
std::optional<SliceRead> read_process(int proc, std::uint32_t pid, DescriptorSlice slice, std::span<char> buffer,
                                      ProcessHoldings& holdings);

}  // namespace reuseport
