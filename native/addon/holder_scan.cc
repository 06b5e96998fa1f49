#include "holder_scan.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/procfs.h"
#include "common/unique_fd.h"

namespace reuseport {
namespace {

// The fraction of all descriptors that a scan rereads in turn, and the minimum.
constexpr std::uint64_t kTurnShare = 32;
constexpr std::uint64_t kMinTurn = 256;
// The cost of opening and reading a process, in addition to its descriptors, measured in descriptors.
constexpr std::uint64_t kProcessCost = 8;

UniqueFd open_proc(const std::string& root) {
  UniqueFd proc(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!proc) throw SystemError("open " + root, errno);
  return proc;
}

bool is_procfs(int directory) {
  struct statfs filesystem {};
  return ::fstatfs(directory, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC;
}

std::vector<std::uint32_t> list_pids(int proc, const std::string& root, std::span<char> buffer) {
  std::vector<std::uint32_t> pids;
  const int error = for_each_number(proc, buffer, [&](std::uint32_t pid, const char*) {
    pids.push_back(pid);
    return true;
  });
  if (error != 0) throw SystemError("list " + root, error);
  std::ranges::sort(pids);
  return pids;
}

bool same_row(const ProcessRow& a, const ProcessRow& b) {
  return a.start_time == b.start_time && a.pid == b.pid && a.parent == b.parent && a.uid == b.uid &&
         a.netns == b.netns && a.sockets == b.sockets && a.epolls == b.epolls && a.command == b.command;
}

bool same_holdings(const ProcessHoldings& a, const ProcessHoldings& b) {
  return same_row(a.row, b.row) && a.sockets == b.sockets && a.epolls == b.epolls;
}

HolderIndexPtr make_index(std::uint64_t generation, const std::vector<ProcessHoldings>& known) {
  std::vector<ProcessRow> processes;
  std::vector<HolderRow> holders;
  std::vector<EpollFd> epolls;
  processes.reserve(known.size());
  std::size_t sockets = 0;
  for (const auto& process : known) sockets += process.sockets.size();
  holders.reserve(sockets);
  for (const auto& process : known) {
    const auto row = static_cast<std::uint32_t>(processes.size());
    processes.push_back(process.row);
    for (const auto& socket : process.sockets) {
      holders.push_back({.inode = socket.inode, .pid = process.row.pid, .fd = socket.fd, .process = row});
    }
    for (const auto fd : process.epolls) epolls.push_back({.pid = process.row.pid, .fd = fd});
  }
  // Already ordered by pid and fd, which a stable sort keeps.
  std::ranges::stable_sort(holders, {}, &HolderRow::inode);
  return std::make_shared<const HolderIndex>(generation, std::move(processes), std::move(holders), std::move(epolls));
}

}  // namespace

HolderScanner::HolderScanner(std::string root) : root_(std::move(root)) {}

HolderScan HolderScanner::scan(bool full) {
  HolderScan result;
  try {
    const auto proc = open_proc(root_);
    std::vector<ProcessHoldings> next;
    if (read_all(proc.get(), full, next, result)) index_ = make_index(index_->generation + 1, next);
    known_ = std::move(next);
  } catch (const SystemError& error) {
    // Part of the state was moved away: the next scan starts from scratch.
    known_.clear();
    result.failure = error;
  }
  result.index = index_;
  return result;
}

// Fills `next` from known and newly read processes. Returns whether anything differs from the previous scan.
bool HolderScanner::read_all(int proc, bool full, std::vector<ProcessHoldings>& next, HolderScan& result) {
  // Heap memory is aligned for any directory entry.
  std::vector<char> memory(64 * 1024);
  const std::span buffer(memory);
  const auto pids = list_pids(proc, root_, buffer);
  const bool countable = is_procfs(proc);
  next.reserve(pids.size());

  std::uint64_t cost_of_all = 0;
  for (const auto& process : known_) cost_of_all += process.stamp.descriptors + kProcessCost;
  auto share = std::max(cost_of_all / kTurnShare, kMinTurn);

  bool changed = false;
  auto before = known_.begin();
  for (const auto pid : pids) {
    for (; before != known_.end() && before->row.pid < pid; ++before) changed = true;  // exited
    ProcessHoldings* known = before != known_.end() && before->row.pid == pid ? &*before++ : nullptr;

    const auto stamp = read_stamp(proc, pid);
    if (!stamp) {
      changed |= known != nullptr;
      continue;
    }
    if (countable && stamp->descriptors > 0) counts_descriptors_ = true;
    const bool unchanged = known && counts_descriptors_ && !full && *stamp == known->stamp;
    if (unchanged && (share == 0 || pid < turn_.pid)) {
      next.push_back(std::move(*known));
      continue;
    }

    DescriptorSlice slice;
    if (unchanged) slice = {.from = pid == turn_.pid ? turn_.fd : 0, .limit = share};
    ProcessHoldings now = unchanged ? *known : ProcessHoldings{};
    now.stamp = *stamp;
    const auto read = read_process(proc, pid, slice, buffer, now);
    if (!read) {
      changed |= known != nullptr;
      continue;
    }
    result.descriptors_read += read->descriptors;
    if (unchanged) {
      share -= std::min(share, read->descriptors + kProcessCost);
      turn_ = read->next ? Turn{pid, *read->next} : Turn{pid + 1, 0};
      if (read->next) share = 0;
    }
    changed |= !known || !same_holdings(*known, now);
    next.push_back(std::move(now));
  }
  changed |= before != known_.end();
  if (share > 0) turn_ = {};  // the end of the list: start over

  result.refused = static_cast<std::uint32_t>(std::ranges::count_if(next, &ProcessHoldings::unreadable));
  return changed;
}

}  // namespace reuseport
