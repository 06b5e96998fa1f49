// Who really polls a socket: the epoll sets of processes.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holder_index.h"

namespace reuseport {

// `pid` has an epoll set with the socket `inode` in it.
struct Poller {
  std::uint32_t inode;
  std::uint32_t pid;
  auto operator<=>(const Poller&) const = default;
};

struct PollerScan {
  std::vector<Poller> pollers;  // ordered by inode, then pid; each pair once
  std::uint32_t refused = 0;    // processes whose sets cannot be read, nearly always for want of rights
};

// The inode in a line of an epoll descriptor's fdinfo, if it tells of a file on the device `sockfs` (kernel's numbering,
// major << 20 | minor, as the line prints it).
std::optional<std::uint32_t> parse_epoll_target(std::string_view line, std::uint32_t sockfs);

// Reads the epoll sets of `pids` from /proc/PID/fdinfo/FD, lines `tfd: … ino:HEX sdev:HEX` (proc(5),
// ep_show_fdinfo() in fs/eventpoll.c). The epoll descriptors are those that the scan behind `index` found; a process
// that the index does not know, that has gone since, or whose pid was given to another, adds nothing. Only files of
// sockfs count: an eventfd or a pipe may carry the same inode number.
// Not seen: poll(2), select(2) and io_uring, an epoll set inside an epoll set, and sets that older kernels (before
// 4.13) print without an inode.
// Throws SystemError where /proc itself cannot be opened, or where this process lacks memory or descriptors.
PollerScan scan_pollers(std::span<const std::uint32_t> pids, const HolderIndex& index,
                        const std::string& root = "/proc");

}  // namespace reuseport
