// Sockets between refreshes: one slot each, which stays the same while the socket lives.
#pragma once

#include <cstdint>
#include <vector>

#include "common/records.h"

namespace reuseport {

using Slot = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffffu;  // no slot, no group, no position

// Bookkeeping for a socket, internal to C++.
struct Track {
  std::uint32_t pass = 0;         // last pass of its table that listed it
  std::uint32_t first_batch = 0;  // batches of that pass that listed it: they differ for a duplicate
  std::uint32_t last_batch = 0;
  std::uint32_t position = kNone;         // in its table's last pass
  std::uint32_t refresh = 0;              // last refresh that listed it
  std::uint32_t drops_before = kUnknown;  // drops at the end of the previous refresh
  std::uint32_t group = kNone;            // in the frame
  std::uint32_t first_holder = 0;         // row in the holder index
  std::uint8_t absent = 0;                // consecutive dumps without it; a socket is removed only after several
};

// What one refresh found. A slot can be in `changed` twice, and in more than one list.
struct Changes {
  std::vector<Slot> added;
  std::vector<Slot> changed;          // a value differs
  std::vector<Slot> options_changed;  // an option was read or inferred
  std::vector<Slot> regrouped;        // a part of the group key, the state or the inode differs: also in `changed`
  std::vector<Slot> removed;          // their rows stay until the frame is updated

  void clear() {
    added.clear();
    changed.clear();
    options_changed.clear();
    regrouped.clear();
    removed.clear();
  }
};

struct SocketSlots {
  std::vector<SocketRow> rows;
  std::vector<Track> tracks;
  std::uint32_t refresh = 0;  // the current one, counted from 1
  Changes changes;            // of that refresh

  Slot allocate() {
    if (!free_.empty()) {
      const Slot slot = free_.back();
      free_.pop_back();
      return slot;
    }
    grow(rows);
    grow(tracks);
    return static_cast<Slot>(rows.size() - 1);
  }

  // Resets the row: 0 is never a cookie.
  void release(Slot slot) {
    rows[slot] = {};
    tracks[slot] = {};
    free_.push_back(slot);
  }

 private:
  // Grows by an eighth: doubling would leave up to half of a large table unused.
  template <typename T>
  static void grow(std::vector<T>& table) {
    if (table.size() == table.capacity()) table.reserve(table.size() + table.size() / 8 + 64);
    table.emplace_back();
  }

  std::vector<Slot> free_;
};

}  // namespace reuseport
