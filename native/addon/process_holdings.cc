#include "process_holdings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "common/procfs.h"
#include "common/system_error.h"
#include "common/unique_fd.h"

namespace reuseport {
namespace {

enum class Outcome { done, gone, unreadable };

Outcome outcome_of(int error, std::uint32_t pid, const char* what) {
  if (means_gone(error)) return Outcome::gone;
  if (means_exhausted(error)) throw SystemError("read /proc/" + std::to_string(pid) + what, error);
  return Outcome::unreadable;
}

Outcome read_row(int process, std::uint32_t pid, std::span<char> buffer, ProcessRow& row) {
  row.pid = pid;
  row.parent = kUnknown;
  row.start_time = kUnknownStartTime;
  row.netns = kUnknown;
  row.command = {};

  const auto text = read_file_at(process, "stat", buffer);
  if (!text) return outcome_of(errno, pid, "/stat");
  const auto stat = parse_stat(*text);
  if (!stat) return Outcome::gone;
  row.command = stat->command;
  row.parent = stat->parent;
  row.start_time = stat->start_time;

  // Needs ptrace access (namespaces(7)), so it is often refused when the rest is readable.
  if (const auto link = read_link_at(process, "ns/net", buffer)) {
    row.netns = parse_tagged_inode(*link, "net").value_or(kUnknown);
  }
  return Outcome::done;
}

struct SliceOutcome {
  Outcome outcome = Outcome::done;
  SliceRead read;
};

// Reads the descriptors of an open /proc/PID. An unreadable link (root without CAP_SYS_PTRACE can list the directory
// but not follow its links) makes the whole process unreadable: a partial list would look complete.
SliceOutcome read_descriptors(int process, std::uint32_t pid, DescriptorSlice slice, std::span<char> buffer,
                              std::vector<HeldSocket>& sockets, std::vector<std::uint32_t>& epolls) {
  const UniqueFd table(::openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!table) return {.outcome = outcome_of(errno, pid, "/fd"), .read = {}};
  // A position in this directory is the descriptor plus two, for "." and ".." (proc_readfd_common(), fs/proc/fd.c).
  if (slice.from > 0) ::lseek(table.get(), static_cast<off_t>(slice.from) + 2, SEEK_SET);
  // Listing a descriptor costs the kernel about as much as reading it: list only as many as will be read.
  constexpr std::uint64_t kEntryBytes = 32;
  const auto wanted = std::min<std::uint64_t>(buffer.size(), std::max<std::uint64_t>(slice.limit, 8) * kEntryBytes);

  SliceOutcome result;
  std::array<char, 64> link_buffer;
  const int error = for_each_number(table.get(), buffer.first(wanted), [&](std::uint32_t fd, const char* name) {
    if (fd < slice.from) return true;
    if (result.read.descriptors == slice.limit) {
      result.read.next = fd;
      return false;
    }
    ++result.read.descriptors;
    const auto link = read_link_at(table.get(), name, link_buffer);
    if (!link) {
      // A descriptor closed meanwhile is fine; whether the process has exited shows at the end of its table.
      if (!means_gone(errno)) result.outcome = outcome_of(errno, pid, "/fd");
      return result.outcome == Outcome::done;
    }
    if (const auto inode = parse_tagged_inode(*link, "socket")) {
      sockets.push_back({*inode, fd});
    } else if (*link == "anon_inode:[eventpoll]") {
      epolls.push_back(fd);
    }
    return true;
  });
  if (error != 0) result.outcome = outcome_of(error, pid, "/fd");
  return result;
}

void forget_descriptors(ProcessHoldings& holdings) {
  holdings.sockets.clear();
  holdings.epolls.clear();
  holdings.row.sockets = kUnknown;
  holdings.row.epolls = kUnknown;
}

// Replaces the known entries of a slice by the ones read.
template <typename Entry, typename FdOf>
void replace_slice(std::vector<Entry>& known, const std::vector<Entry>& read, std::uint32_t from,
                   std::optional<std::uint32_t> next, FdOf fd_of) {
  const auto first = std::ranges::lower_bound(known, from, {}, fd_of);
  const auto last = next ? std::ranges::lower_bound(known, *next, {}, fd_of) : known.end();
  const auto place = known.erase(first, last);
  known.insert(place, read.begin(), read.end());
}

}  // namespace

std::optional<ProcessStamp> read_stamp(int proc, std::uint32_t pid) {
  std::array<char, 32> path{};
  auto* end = std::to_chars(path.data(), path.data() + path.size(), pid).ptr;
  ProcessStamp stamp;
  struct stat status {};
  if (::fstatat(proc, path.data(), &status, 0) != 0) {
    if (outcome_of(errno, pid, "") == Outcome::gone) return std::nullopt;
    return stamp;
  }
  stamp.identity = status.st_ino;
  stamp.uid = status.st_uid;
  std::string_view("/fd").copy(end, 3);
  if (::fstatat(proc, path.data(), &status, 0) == 0) {
    stamp.descriptors = static_cast<std::uint64_t>(status.st_size);
  } else if (outcome_of(errno, pid, "/fd") == Outcome::gone) {
    return std::nullopt;
  }
  return stamp;
}

std::optional<SliceRead> read_process(int proc, std::uint32_t pid, DescriptorSlice slice, std::span<char> buffer,
                                      ProcessHoldings& holdings) {
  const UniqueFd process(::openat(proc, std::to_string(pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!process) {
    if (outcome_of(errno, pid, "") == Outcome::gone) return std::nullopt;
    holdings.row = {.pid = pid, .uid = holdings.stamp.uid};
    forget_descriptors(holdings);
    return SliceRead{};
  }
  const auto known_start = holdings.row.start_time;
  if (read_row(process.get(), pid, buffer, holdings.row) == Outcome::gone) return std::nullopt;
  holdings.row.uid = holdings.stamp.uid;
  // Another process has the pid now: the other known descriptors are stale.
  if (holdings.row.start_time != known_start) slice = {};

  std::vector<HeldSocket> sockets;
  std::vector<std::uint32_t> epolls;
  const auto result = read_descriptors(process.get(), pid, slice, buffer, sockets, epolls);
  if (result.outcome == Outcome::gone) return std::nullopt;
  if (result.outcome == Outcome::unreadable) {
    forget_descriptors(holdings);
    return SliceRead{};
  }
  // The kernel lists descriptors in ascending order; an emulated procfs may not.
  std::ranges::sort(sockets, {}, &HeldSocket::fd);
  std::ranges::sort(epolls);
  replace_slice(holdings.sockets, sockets, slice.from, result.read.next, &HeldSocket::fd);
  replace_slice(holdings.epolls, epolls, slice.from, result.read.next, std::identity{});
  holdings.row.sockets = static_cast<std::uint32_t>(holdings.sockets.size());
  holdings.row.epolls = static_cast<std::uint32_t>(holdings.epolls.size());
  return result.read;
}

}  // namespace reuseport
