// Where sockets are kept between refreshes: a slot each, that stays put while the socket lives.
#pragma once

#include <cstdint>
#include <vector>

#include "records.h"

namespace reuseport {

using Slot = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffffu;  // no slot, no group, no position

// What is remembered of a socket and never leaves C++.
struct Track {
  std::uint32_t pass = 0;            // pass of its table that saw it last
  std::uint32_t first_batch = 0;     // batches of that pass in which it came: two different ones for a duplicate
  std::uint32_t last_batch = 0;
  std::uint32_t position = kNone;    // in the order of its table's last pass
  std::uint32_t refresh = 0;         // refresh that saw it last
  std::uint32_t drops_before = kUnknown;  // drops at the end of the refresh before that one
  std::uint32_t group = kNone;       // in the picture
  std::uint32_t first_holder = 0;    // row in the holder index
  std::uint8_t absent = 0;           // consecutive dumps that missed it; a socket is gone only after several
};

// What one refresh found. Slots may come twice in `changed`, and in more than one list.
struct Changes {
  std::vector<Slot> added;
  std::vector<Slot> changed;    // a value differs
  std::vector<Slot> learned;    // an option was read, or concluded
  std::vector<Slot> regrouped;  // something of the group's key differs, the state or the inode: also in `changed`
  std::vector<Slot> gone;       // their rows stand until the picture has taken note

  void clear() {
    added.clear();
    changed.clear();
    learned.clear();
    regrouped.clear();
    gone.clear();
  }
};

struct SocketSlots {
  std::vector<SocketRow> rows;
  std::vector<Track> tracks;
  std::uint32_t refresh = 0;  // the one that runs, counted from 1
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

  // The row becomes all zero: cookie 0 is nobody's.
  void release(Slot slot) {
    rows[slot] = {};
    tracks[slot] = {};
    free_.push_back(slot);
  }

 private:
  // An eighth more at a time: twice as much would leave half of the largest tables there are unused.
  template <typename T>
  static void grow(std::vector<T>& table) {
    if (table.size() == table.capacity()) table.reserve(table.size() + table.size() / 8 + 64);
    table.emplace_back();
  }

  std::vector<Slot> free_;
};

}  // namespace reuseport
