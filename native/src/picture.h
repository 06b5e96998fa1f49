// The groups over time: who is in which, what changed since the refresh before, and the frames that show it.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "groups.h"
#include "holder_index.h"
#include "socket_slots.h"

namespace reuseport {

struct GroupKeyHash {
  std::size_t operator()(const GroupKey& key) const { return id_of(key); }
};

// Memory that a frame is written to, and what stands in it from the time before.
struct FrameMemory {
  std::span<SocketRow> sockets;
  std::span<GroupRow> groups;
  std::span<HolderRow> holders;
  std::uint32_t refresh = 0;  // the refresh whose picture stands in there, 0 for none
};

// Not for two threads at once.
class Picture {
 public:
  // What left with the last refresh.
  struct Gone {
    std::vector<std::uint64_t> groups;         // ids
    std::vector<std::uint64_t> sockets;        // cookies
    std::vector<std::uint64_t> socket_groups;  // id of the group that each was in
  };
  struct Size {
    std::size_t sockets = 0;
    std::size_t groups = 0;
    std::size_t holders = 0;
    std::size_t unheld = 0;   // sockets of which no holder is known
  };

  // To be called before the first pass of a refresh: takes back what was said to be new or changed in the one before.
  void begin(SocketSlots& slots);
  // To be called after the last pass: brings the groups up to date with `slots.changes` and with the holders (null
  // before the first scan), and frees the slots of sockets that are gone.
  void settle(SocketSlots& slots, HolderIndexPtr holders);

  // False for a socket that is in use and whose options say nothing of its group's key, sharing or evidence: TCP is
  // judged by its listeners (GroupSummary::judge), and by an option only where there is one, where one has dropped, or where
  // a part of its key is read with the options (note_options).
  bool options_decide(const SocketSlots& slots, Slot slot) const;
  // True for a lone socket that receives, of which nobody knows yet whether it has SO_REUSEPORT.
  bool pending(const SocketSlots& slots, Slot slot) const;
  // True for a member of a group of several that share by SO_REUSEPORT.
  bool shares(const SocketSlots& slots, Slot slot) const;
  // The processes that hold a socket that receives; ascending.
  std::vector<std::uint32_t> pids_of_receivers(const SocketSlots& slots) const;

  Size size() const { return size_; }
  const Gone& gone() const { return gone_; }

  // Writes the picture. Rows that already stand in `memory` as they should are left alone. Each span must hold at least
  // size(); `memory.refresh` is set. `slots` as they were when settle() returned.
  void write(const SocketSlots& slots, FrameMemory& memory) const;

 private:
  struct Group {
    GroupKey key{};
    GroupRow row{};              // `first` and `fullest` count from the group's first socket
    std::vector<Slot> members;   // by cookie; empty for a free entry
    std::uint32_t first = 0;     // row of its first socket
    std::uint32_t touched = 0;   // refresh that last changed a byte of its rows
    std::uint32_t dirty = 0;     // refresh that last asked for a new summary
    std::uint32_t lowest_uid = kUnknown;
    bool by_inode = false;       // only /proc/net told of its sockets
    bool id_taken = false;       // another group has the id that it would have
    bool beside = false;         // another group receives at the same place
    std::uint32_t moved = 0;     // refresh in which a member last came, went or changed its state, holders or options
    bool renamed = false;        // its key is another than that by which it stands in layout_
    std::uint32_t counted = 0;   // the same without options, of which a group's row has only what they decide, or a value
  };
  using GroupIndex = std::uint32_t;
  struct Ids {
    std::vector<std::uint64_t> here;             // of the groups at one place
    std::unordered_set<std::uint64_t> by_inode;  // of all groups that /proc/net told of
    std::vector<std::uint64_t> given;            // others than before
  };
  // What changed of a member.
  enum class Mark { members, options, values };

  void insert(SocketSlots& slots, Slot slot);
  void erase(SocketSlots& slots, Slot slot);
  void regroup(SocketSlots& slots, Slot slot);
  bool rename(const SocketSlots& slots, GroupIndex index, const GroupKey& key);
  void mark(SocketSlots& slots, Slot slot, Mark what);
  void follow_holders(SocketSlots& slots, const HolderIndexPtr& holders);
  bool find_holders(SocketSlots& slots, Slot slot, const HolderIndex* now) const;
  std::span<const HolderRow> holders_of(const SocketSlots& slots, Slot slot) const;
  void summarize(SocketSlots& slots, Group& group);
  void arrange(SocketSlots& slots);
  void compare_neighbours(SocketSlots& slots);
  std::uint64_t choose_id(Group& group, Ids& ids);

  std::vector<Group> groups_;
  std::vector<GroupIndex> free_;
  std::unordered_map<GroupKey, GroupIndex, GroupKeyHash> by_key_;
  std::vector<GroupIndex> layout_;        // in the order of keys
  std::vector<GroupIndex> added_;         // not yet in layout_
  std::vector<GroupIndex> dirty_;
  std::vector<Slot> flagged_;             // sockets whose `change` is set
  std::vector<GroupIndex> flagged_groups_;
  HolderIndexPtr holders_;
  Gone gone_;
  Size size_;
  std::uint32_t refresh_ = 0;
  std::uint32_t moved_ = 0;               // refresh in which any group's `moved` was set last
  std::uint32_t arranged_ = 0;            // refresh that last moved rows to other places
  bool rearrange_ = false;
};

}  // namespace reuseport
