// Who holds which socket: what the scan of /proc found, immutable, shared with the socket table.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "records.h"

namespace reuseport {

// One complete scan. Built on a worker thread, then only read; the socket table keeps the last one by shared_ptr.
struct HolderIndex {
  std::uint64_t generation = 0;         // grows only when something in it differs from the scan before
  std::vector<ProcessRow> processes;    // ordered by pid
  std::vector<HolderRow> holders;       // ordered by inode, then pid, then fd

  struct Range {
    std::uint32_t first;
    std::uint32_t count;
  };
  std::unordered_map<std::uint32_t, Range> by_inode;  // inode → its rows in `holders`

  // The rows that hold `inode`; empty when nobody that may be read does.
  std::span<const HolderRow> of(std::uint32_t inode) const {
    const auto found = by_inode.find(inode);
    if (found == by_inode.end()) return {};
    return std::span(holders).subspan(found->second.first, found->second.count);
  }
};

using HolderIndexPtr = std::shared_ptr<const HolderIndex>;

}  // namespace reuseport
