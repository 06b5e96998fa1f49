// Which processes poll a socket: their epoll sets.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/holder_index.h"

namespace reuseport {

// `pid` has an epoll set with the socket `inode` in it.
struct Poller {
  std::uint32_t inode;
  std::uint32_t pid;
  auto operator<=>(const Poller&) const = default;
};

struct PollerScan {
  std::vector<Poller> pollers;  // ordered by inode, then pid; each pair once
  std::uint32_t refused = 0;    // processes whose sets cannot be read, nearly always for lack of permissions
};

// The inode in a line of an epoll descriptor's fdinfo, if the file is on the device `sockfs` (kernel numbering,
// major << 20 | minor, as printed in the line).
std::optional<std::uint32_t> parse_epoll_target(std::string_view line, std::uint32_t sockfs);

// Reads the epoll sets of `pids` from /proc/PID/fdinfo/FD, lines `tfd: … ino:HEX sdev:HEX` (proc(5), ep_show_fdinfo()
// in fs/eventpoll.c). The epoll descriptors are those in `index`; a process that is not in the index, has exited, or
// whose pid was reused adds nothing. Only files of sockfs count: an eventfd or a pipe may have the same inode number.
// Not seen: poll(2), select(2) and io_uring, nested epoll sets, and sets on kernels before 4.13, which print no inode.
// Throws SystemError if /proc itself cannot be opened, or if this process is out of memory or descriptors.
PollerScan scan_pollers(std::span<const std::uint32_t> pids, const HolderIndex& index,
                        const std::string& root = "/proc");

}  // namespace reuseport
