#include "frame.h"

#include <algorithm>
#include <utility>

namespace reuseport {
namespace {

// Equal except for refresh counters and flags.
bool same_facts(const GroupRow& a, const GroupRow& b) {
  return a.queue_length == b.queue_length && a.queue_limit == b.queue_limit && a.drops == b.drops &&
         a.drops_delta == b.drops_delta && a.sockets == b.sockets && a.receiving == b.receiving &&
         a.drops_known == b.drops_known && a.fullest == b.fullest && a.uid == b.uid && a.sharing == b.sharing &&
         a.evidence == b.evidence;
}

bool same_holders(std::span<const HolderRow> a, std::span<const HolderRow> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const HolderRow& x, const HolderRow& y) { return x.pid == y.pid && x.fd == y.fd; });
}

}  // namespace

bool Frame::options_decide(const SocketSlots& slots, Slot slot) const {
  const SocketRow& row = slots.rows[slot];
  if (row.protocol == Protocol::udp || is_inode_key(row.cookie)) return true;
  // Whether its drops were real also depends on an option (kDeferAccept).
  const bool drops = row.drops != kUnknown && row.drops > 0;
  return receives(row) && (drops || groups_[slots.tracks[slot].group].row.receiving == 1);
}

bool Frame::shares(const SocketSlots& slots, Slot slot) const {
  const SocketRow& row = slots.rows[slot];
  if (row.cookie == 0 || !receives(row)) return false;
  const GroupRow& group = groups_[slots.tracks[slot].group].row;
  return group.sharing == Sharing::reuseport && group.receiving > 1;
}

bool Frame::pending(const SocketSlots& slots, Slot slot) const {
  const SocketRow& row = slots.rows[slot];
  return row.cookie != 0 && receives(row) && groups_[slots.tracks[slot].group].row.pending != 0;
}

void Frame::begin(SocketSlots& slots) {
  refresh_ = ++slots.refresh;
  slots.changes.clear();
  removed_ = {};
  for (const Slot slot : flagged_) {
    if (slots.rows[slot].change == Change::none) continue;  // listed twice
    slots.rows[slot].change = Change::none;
    groups_[slots.tracks[slot].group].touched = refresh_;
  }
  for (const GroupIndex index : flagged_groups_) {
    groups_[index].row.change = Change::none;
    groups_[index].touched = refresh_;
  }
  flagged_.clear();
  flagged_groups_.clear();
}

void Frame::finish(SocketSlots& slots, const HolderIndexPtr& holders) {
  const Changes& changes = slots.changes;
  for (const Slot slot : changes.added) insert(slots, slot);
  for (const Slot slot : changes.regrouped) {
    regroup(slots, slot);
    mark(slots, slot, MemberChange::members);
    if (holders_ && find_holders(slots, slot, holders_.get())) order_stale_ = true;
  }
  for (const Slot slot : changes.options_changed) {
    regroup(slots, slot);
    mark(slots, slot, MemberChange::options);
  }
  for (const Slot slot : changes.changed) mark(slots, slot, MemberChange::values);
  for (const Slot slot : changes.removed) {
    const SocketRow& row = slots.rows[slot];
    if (row.since != refresh_) {
      removed_.sockets.push_back(row.cookie);
      removed_.socket_groups.push_back(groups_[slots.tracks[slot].group].row.id);
    }
    erase(slots, slot);
    slots.release(slot);
  }
  follow_holders(slots, holders);

  for (const GroupIndex index : std::exchange(dirty_, {})) summarize(slots, groups_[index]);
  if (order_stale_) rebuild_order(slots);
  order_stale_ = false;
  if (any_members_changed_ == refresh_) compare_neighbors(slots);

  const auto flag = [&](Slot slot) {
    if (slots.rows[slot].change != Change::none) flagged_.push_back(slot);
  };
  for (const Slot slot : changes.added) flag(slot);
  for (const Slot slot : changes.changed) flag(slot);
  for (const Slot slot : changes.options_changed) flag(slot);
}

// Moves a socket whose key changed to its new group.
void Frame::regroup(SocketSlots& slots, Slot slot) {
  const GroupKey key = key_of(slots.rows[slot]);
  if (key == groups_[slots.tracks[slot].group].key) return;
  if (rename(slots, slots.tracks[slot].group, key)) return;
  erase(slots, slot);
  insert(slots, slot);
}

// Gives a group a key that differs in the uid only, and keeps the group: the options of all its sockets have become
// known. False if some keep the old key, or if the new key already has a group.
bool Frame::rename(const SocketSlots& slots, GroupIndex index, const GroupKey& key) {
  Group& group = groups_[index];
  const auto moves = [&](Slot member) { return key_of(slots.rows[member]) == key; };
  const bool options_changed = same_place(group.key, key) && (group.key.uid == kUnknown) != (key.uid == kUnknown);
  if (!options_changed || by_key_.contains(key) || !std::all_of(group.members.begin(), group.members.end(), moves))
    return false;
  by_key_.erase(group.key);
  by_key_.emplace(key, index);
  group.key = key;
  group.renamed = true;
  order_stale_ = true;
  return true;
}

void Frame::insert(SocketSlots& slots, Slot slot) {
  const GroupKey key = key_of(slots.rows[slot]);
  const auto [found, added] = by_key_.try_emplace(key, kNone);
  if (added) {
    if (free_.empty()) {
      found->second = static_cast<GroupIndex>(groups_.size());
      groups_.emplace_back();
    } else {
      found->second = free_.back();
      free_.pop_back();
    }
    Group& group = groups_[found->second];
    group = {};
    group.key = key;
    group.row.since = refresh_;
    added_.push_back(found->second);
  }
  Group& group = groups_[found->second];
  const auto place = std::upper_bound(group.members.begin(), group.members.end(), slots.rows[slot].cookie,
                                      [&](std::uint64_t it, Slot other) { return it < slots.rows[other].cookie; });
  group.members.insert(place, slot);
  slots.tracks[slot].group = found->second;
  order_stale_ = true;
  mark(slots, slot, MemberChange::members);
  if (holders_) find_holders(slots, slot, holders_.get());
}

void Frame::erase(SocketSlots& slots, Slot slot) {
  mark(slots, slot, MemberChange::members);
  Group& group = groups_[slots.tracks[slot].group];
  const auto place = std::lower_bound(group.members.begin(), group.members.end(), slots.rows[slot].cookie,
                                      [&](Slot other, std::uint64_t it) { return slots.rows[other].cookie < it; });
  // A socket that one pass of a refresh removed and the next one added again has two slots until finish().
  group.members.erase(std::find(place, group.members.end(), slot));
  slots.tracks[slot].group = kNone;
  order_stale_ = true;
}

void Frame::mark(SocketSlots& slots, Slot slot, MemberChange what) {
  const GroupIndex index = slots.tracks[slot].group;
  if (index == kNone) return;  // removed in the same refresh
  Group& group = groups_[index];
  group.touched = refresh_;
  if (what != MemberChange::values) group.members_changed = any_members_changed_ = refresh_;
  if (what != MemberChange::options) group.facts_changed = refresh_;
  if (group.dirty == refresh_) return;
  group.dirty = refresh_;
  dirty_.push_back(index);
}

// The socket's holders, from the holder index of this frame.
std::span<const HolderRow> Frame::holders_of(const SocketSlots& slots, Slot slot) const {
  const std::uint32_t count = slots.rows[slot].holders;
  if (!holders_ || count == kUnknown) return {};
  return std::span(holders_->holders).subspan(slots.tracks[slot].first_holder, count);
}

std::vector<std::uint32_t> Frame::pids_of_receivers(const SocketSlots& slots) const {
  std::vector<std::uint32_t> pids;
  if (!holders_) return pids;
  std::vector<bool> found(holders_->processes.size());
  for (const GroupIndex index : layout_) {
    const Group& group = groups_[index];
    if (group.row.receiving == 0) continue;
    for (const Slot slot : group.members)
      for (const HolderRow& holder : holders_of(slots, slot)) found[holder.process] = true;
  }
  for (std::size_t row = 0; row < found.size(); row++)
    if (found[row]) pids.push_back(holders_->processes[row].pid);
  return pids;
}

// Looks up the socket's holders in `now`; true if they changed. holders_ is still the previous index.
bool Frame::find_holders(SocketSlots& slots, Slot slot, const HolderIndex* now) const {
  const auto before = holders_of(slots, slot);
  const auto after = now == nullptr ? std::span<const HolderRow>{} : now->of(slots.rows[slot].inode);
  const bool differ = !same_holders(before, after);
  slots.rows[slot].holders = after.empty() ? kUnknown : static_cast<std::uint32_t>(after.size());
  slots.tracks[slot].first_holder = after.empty() ? 0 : static_cast<std::uint32_t>(after.data() - now->holders.data());
  return differ;
}

void Frame::follow_holders(SocketSlots& slots, const HolderIndexPtr& holders) {
  const bool same = holders_ == holders || (holders_ && holders && holders_->generation == holders->generation);
  if (same) return;
  for (Slot slot = 0; slot < slots.rows.size(); slot++) {
    if (slots.rows[slot].cookie == 0 || !find_holders(slots, slot, holders.get())) continue;
    SocketRow& row = slots.rows[slot];
    row.changed = refresh_;
    if (row.change == Change::none) {
      row.change = Change::changed;
      slots.changes.changed.push_back(slot);
    }
    mark(slots, slot, MemberChange::members);
  }
  holders_ = holders;
  order_stale_ = true;  // holder rows follow one another over all sockets
}

void Frame::summarize(SocketSlots& slots, Group& group) {
  if (group.members.empty()) return;
  GroupSummary summary;
  for (const Slot slot : group.members) summary.add(slots.rows[slot], holders_of(slots, slot));
  const GroupRow before = group.row;
  group.row = summary.row(group.key, group.has_neighbor, holders_ != nullptr);
  group.lowest_uid = summary.lowest_uid();
  group.by_inode = is_inode_key(slots.rows[group.members.front()].cookie);
  group.row.id = before.id;
  group.row.since = before.since;
  group.row.changed = before.changed;
  group.row.change = before.change;
  if (before.sharing != group.row.sharing) group.members_changed = refresh_;
  group.row.members_changed = group.members_changed;
  if (group.row.since == refresh_) group.row.change = Change::added;
  else if (group.facts_changed == refresh_ || !same_facts(before, group.row)) group.row.change = Change::changed;
  if (group.row.change == Change::none) return;
  group.row.changed = refresh_;
  flagged_groups_.push_back(static_cast<GroupIndex>(&group - groups_.data()));
}

// Removes empty groups, sorts in new ones, and counts rows.
void Frame::rebuild_order(SocketSlots& slots) {
  const auto drop_empty = [&](std::vector<GroupIndex>& indices) {
    std::erase_if(indices, [&](GroupIndex index) {
      Group& group = groups_[index];
      if (!group.members.empty()) return false;
      if (group.row.since != refresh_) removed_.groups.push_back(group.row.id);
      by_key_.erase(group.key);
      free_.push_back(index);
      return true;
    });
  };
  drop_empty(layout_);
  drop_empty(added_);
  std::erase_if(layout_, [&](GroupIndex index) {
    if (!std::exchange(groups_[index].renamed, false)) return false;
    added_.push_back(index);
    return true;
  });
  const auto by_key = [&](GroupIndex a, GroupIndex b) { return groups_[a].key < groups_[b].key; };
  std::sort(added_.begin(), added_.end(), by_key);
  const auto middle = static_cast<std::ptrdiff_t>(layout_.size());
  layout_.insert(layout_.end(), added_.begin(), added_.end());
  std::inplace_merge(layout_.begin(), layout_.begin() + middle, layout_.end(), by_key);
  for (const GroupIndex index : added_) groups_[index].renamed = false;
  added_.clear();

  size_ = {};
  size_.groups = layout_.size();
  for (const GroupIndex index : layout_) {
    Group& group = groups_[index];
    group.first = static_cast<std::uint32_t>(size_.sockets);
    size_.sockets += group.members.size();
    for (const Slot slot : group.members) {
      if (slots.rows[slot].holders == kUnknown) size_.unheld++;
      else size_.holders += slots.rows[slot].holders;
    }
  }
  order_rebuilt_ = refresh_;
}

// Groups at one address, port and interface are adjacent, since the uid comes last in a key.
void Frame::compare_neighbors(SocketSlots& slots) {
  Ids ids;
  for (std::size_t first = 0; first < layout_.size();) {
    std::size_t end = first;
    std::uint32_t receiving = 0;
    for (; end < layout_.size() && same_place(groups_[layout_[first]].key, groups_[layout_[end]].key); end++)
      receiving += groups_[layout_[end]].row.receiving;
    const bool alone = end - first == 1;
    ids.at_place.clear();
    for (; first < end; first++) {
      Group& group = groups_[layout_[first]];
      const bool named = !alone || group.members_changed == refresh_ || group.id_taken || group.by_inode;
      const std::uint64_t id = named ? choose_id(group, ids) : group.row.id;
      const bool has_neighbor = receiving > group.row.receiving;
      if (has_neighbor == group.has_neighbor && id == group.row.id) continue;
      group.has_neighbor = has_neighbor;
      if (id != group.row.id) {
        if (group.row.since != refresh_) removed_.groups.push_back(group.row.id);
        group.row.id = id;
        group.row.since = refresh_;
        ids.assigned.push_back(id);
      }
      group.touched = refresh_;
      summarize(slots, group);
    }
  }
  if (removed_.groups.empty()) return;
  // An id that another group has taken over is not removed.
  std::ranges::sort(ids.assigned);
  std::erase_if(removed_.groups, [&](std::uint64_t id) { return std::ranges::binary_search(ids.assigned, id); });
}

// Groups with the same identity are distinguished by the whole key. The key order determines which is first: at one
// address, port and interface, groups with SO_REUSEPORT come before those without.
std::uint64_t Frame::choose_id(Group& group, Ids& ids) {
  const std::uint64_t id = id_of(identity_of(group.key, group.lowest_uid, group.by_inode));
  group.id_taken =
      group.by_inode ? !ids.by_inode.insert(id).second : std::ranges::find(ids.at_place, id) != ids.at_place.end();
  if (!group.by_inode) ids.at_place.push_back(id);
  return group.id_taken ? id_of(group.key) : id;
}

void Frame::write(const SocketSlots& slots, FrameMemory& memory) const {
  const bool everything = memory.refresh < order_rebuilt_ || memory.refresh == 0;
  std::uint32_t holder = 0;
  for (std::uint32_t index = 0; index < layout_.size(); index++) {
    const Group& group = groups_[layout_[index]];
    if (!everything && group.touched <= memory.refresh) continue;
    GroupRow& row = memory.groups[index];
    row = group.row;
    row.first = group.first;
    if (row.fullest != kUnknown) row.fullest += group.first;
    for (std::uint32_t i = 0; i < group.members.size(); i++) {
      const Slot slot = group.members[i];
      SocketRow& socket = memory.sockets[group.first + i];
      // Rows that only change keep their positions, and with them their holders.
      const std::uint32_t first_holder = everything ? holder : socket.first_holder;
      socket = slots.rows[slot];
      socket.group = index;
      socket.first_holder = first_holder;
      if (!everything || socket.holders == kUnknown) continue;
      for (const HolderRow& held : holders_of(slots, slot)) memory.holders[holder++] = held;
    }
  }
  memory.refresh = refresh_;
}

}  // namespace reuseport
