#include "holder_index.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace reuseport {

HolderIndex::HolderIndex(std::uint64_t generation_, std::vector<ProcessRow> processes_, std::vector<HolderRow> holders_,
                         std::vector<EpollFd> epolls_)
    : generation(generation_),
      processes(std::move(processes_)),
      holders(std::move(holders_)),
      epolls(std::move(epolls_)) {
  // At most half full, so that a lookup takes a step or two.
  slots_.assign(std::bit_ceil(holders.size() * 2 + 2), kUnknown);
  for (std::size_t row = 0; row < holders.size(); ++row) {
    if (row > 0 && holders[row - 1].inode == holders[row].inode) continue;
    slots_[slot_of(holders[row].inode)] = static_cast<std::uint32_t>(row);
  }
}

// The slot with the first row of `inode`, or the empty slot for it. Linear probing.
std::size_t HolderIndex::slot_of(std::uint32_t inode) const {
  // Fibonacci hashing: inode numbers come in runs, which the multiplication spreads.
  const auto mask = slots_.size() - 1;
  auto slot = (std::size_t{inode} * 0x9e3779b97f4a7c15u >> 32) & mask;
  while (slots_[slot] != kUnknown && holders[slots_[slot]].inode != inode) slot = (slot + 1) & mask;
  return slot;
}

std::span<const HolderRow> HolderIndex::of(std::uint32_t inode) const {
  if (slots_.empty()) return {};
  const auto first = slots_[slot_of(inode)];
  if (first == kUnknown) return {};
  std::size_t end = first + std::size_t{1};
  while (end < holders.size() && holders[end].inode == inode) ++end;
  return std::span(holders).subspan(first, end - first);
}

const ProcessRow* HolderIndex::process(std::uint32_t pid) const {
  const auto found = std::ranges::lower_bound(processes, pid, {}, &ProcessRow::pid);
  return found != processes.end() && found->pid == pid ? &*found : nullptr;
}

std::span<const EpollFd> HolderIndex::epolls_of(std::uint32_t pid) const {
  const auto first = std::ranges::lower_bound(epolls, pid, {}, &EpollFd::pid);
  const auto last = std::ranges::upper_bound(epolls, pid, {}, &EpollFd::pid);
  return {first, last};
}

}  // namespace reuseport
