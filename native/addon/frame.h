// The frame: the groups and their members after each refresh, and what changed since the previous one.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/holder_index.h"
#include "groups.h"
#include "socket_slots.h"

namespace reuseport {

struct GroupKeyHash {
  std::size_t operator()(const GroupKey& key) const { return id_of(key); }
};

// Memory that a frame is written to, and the refresh it was last written at.
struct FrameMemory {
  std::span<SocketRow> sockets;
  std::span<GroupRow> groups;
  std::span<HolderRow> holders;
  std::uint32_t refresh = 0;  // the refresh that it holds, 0 for none
};

// Not thread-safe.
class Frame {
 public:
  // What the last refresh removed.
  struct Removed {
    std::vector<std::uint64_t> groups;         // ids
    std::vector<std::uint64_t> sockets;        // cookies
    std::vector<std::uint64_t> socket_groups;  // id of each one's group
  };
  struct Size {
    std::size_t sockets = 0;
    std::size_t groups = 0;
    std::size_t holders = 0;
    std::size_t unheld = 0;  // sockets without a known holder
  };

  // Call before the first pass of a refresh: clears the added and changed flags of the previous one.
  void begin(SocketSlots& slots);
  // Call after the last pass: updates the groups from `slots.changes` and the holders (null before the first scan), and
  // frees the slots of removed sockets.
  void finish(SocketSlots& slots, const HolderIndexPtr& holders);

  // False for a socket in use whose options do not affect its group's key, sharing or evidence. TCP is classified by
  // its listeners (GroupSummary::classify); an option matters only for a single listener, for one with drops, or where
  // part of the key is read with the options (record_options).
  bool options_decide(const SocketSlots& slots, Slot slot) const;
  // True for a single receiving socket of which it is not known yet whether it has SO_REUSEPORT.
  bool pending(const SocketSlots& slots, Slot slot) const;
  // True for a receiving member of a group of two or more that share by SO_REUSEPORT.
  bool shares(const SocketSlots& slots, Slot slot) const;
  // The processes that hold a receiving socket; ascending.
  std::vector<std::uint32_t> pids_of_receivers(const SocketSlots& slots) const;

  Size size() const { return size_; }
  const Removed& removed() const { return removed_; }

  // Writes the frame. Leaves rows in `memory` that are already up to date. Each span must hold at least size(); sets
  // `memory.refresh`. `slots` as they were when finish() returned.
  void write(const SocketSlots& slots, FrameMemory& memory) const;

 private:
  struct Group {
    GroupKey key{};
    GroupRow row{};             // `first` and `fullest` count from the group's first socket
    std::vector<Slot> members;  // by cookie; empty for a free entry
    std::uint32_t first = 0;    // row of the first socket
    std::uint32_t touched = 0;  // refresh that last changed any of its rows
    std::uint32_t dirty = 0;    // refresh that last required a new summary
    std::uint32_t lowest_uid = kUnknown;
    bool by_inode = false;      // its sockets were read from /proc/net
    bool id_taken = false;      // another group already has the id of its identity
    bool has_neighbor = false;  // another group receives at the same address, port and interface
    // Refresh in which a member was last added or removed, or its state, holders or options changed.
    std::uint32_t members_changed = 0;
    bool renamed = false;             // its key differs from the one by which it is sorted in layout_
    std::uint32_t facts_changed = 0;  // the same except for options, and including values
  };
  using GroupIndex = std::uint32_t;
  struct Ids {
    std::vector<std::uint64_t> at_place;         // of the groups at one address, port and interface
    std::unordered_set<std::uint64_t> by_inode;  // of all groups read from /proc/net
    std::vector<std::uint64_t> assigned;         // ids that changed
  };
  // What changed about a member.
  enum class MemberChange { members, options, values };

  void insert(SocketSlots& slots, Slot slot);
  void erase(SocketSlots& slots, Slot slot);
  void regroup(SocketSlots& slots, Slot slot);
  bool rename(const SocketSlots& slots, GroupIndex index, const GroupKey& key);
  void mark(SocketSlots& slots, Slot slot, MemberChange what);
  void follow_holders(SocketSlots& slots, const HolderIndexPtr& holders);
  bool find_holders(SocketSlots& slots, Slot slot, const HolderIndex* now) const;
  std::span<const HolderRow> holders_of(const SocketSlots& slots, Slot slot) const;
  void summarize(SocketSlots& slots, Group& group);
  void rebuild_order(SocketSlots& slots);
  void compare_neighbors(SocketSlots& slots);
  std::uint64_t choose_id(Group& group, Ids& ids);

  std::vector<Group> groups_;
  std::vector<GroupIndex> free_;
  std::unordered_map<GroupKey, GroupIndex, GroupKeyHash> by_key_;
  std::vector<GroupIndex> layout_;  // ordered by key
  std::vector<GroupIndex> added_;   // not yet in layout_
  std::vector<GroupIndex> dirty_;
  std::vector<Slot> flagged_;  // sockets whose `change` is set
  std::vector<GroupIndex> flagged_groups_;
  HolderIndexPtr holders_;
  Removed removed_;
  Size size_;
  std::uint32_t refresh_ = 0;
  std::uint32_t any_members_changed_ = 0;  // refresh in which any group's `members_changed` was last set
  std::uint32_t order_rebuilt_ = 0;        // refresh that last moved rows
  bool order_stale_ = false;
};

}  // namespace reuseport
