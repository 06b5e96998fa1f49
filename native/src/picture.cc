#include "picture.h"

#include <algorithm>
#include <utility>

namespace reuseport {
namespace {

// Equal in everything that is a fact about the group, apart from when it was seen.
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

bool Picture::options_decide(const SocketSlots& slots, Slot slot) const {
  const SocketRow& row = slots.rows[slot];
  if (row.protocol == Protocol::udp || is_inode_key(row.cookie)) return true;
  // Whether its drops were losses hangs on an option too (kDeferAccept).
  const bool drops = row.drops != kUnknown && row.drops > 0;
  return receives(row) && (drops || groups_[slots.tracks[slot].group].row.receiving == 1);
}

bool Picture::shares(const SocketSlots& slots, Slot slot) const {
  const SocketRow& row = slots.rows[slot];
  if (row.cookie == 0 || !receives(row)) return false;
  const GroupRow& group = groups_[slots.tracks[slot].group].row;
  return group.sharing == Sharing::reuseport && group.receiving > 1;
}

bool Picture::pending(const SocketSlots& slots, Slot slot) const {
  const SocketRow& row = slots.rows[slot];
  return row.cookie != 0 && receives(row) && groups_[slots.tracks[slot].group].row.pending != 0;
}

void Picture::begin(SocketSlots& slots) {
  refresh_ = ++slots.refresh;
  slots.changes.clear();
  gone_ = {};
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

void Picture::settle(SocketSlots& slots, HolderIndexPtr holders) {
  const Changes& changes = slots.changes;
  for (const Slot slot : changes.added) insert(slots, slot);
  for (const Slot slot : changes.regrouped) {
    regroup(slots, slot);
    mark(slots, slot, Mark::members);
    if (holders_ && find_holders(slots, slot, holders_.get())) rearrange_ = true;
  }
  for (const Slot slot : changes.learned) {
    regroup(slots, slot);
    mark(slots, slot, Mark::options);
  }
  for (const Slot slot : changes.changed) mark(slots, slot, Mark::values);
  for (const Slot slot : changes.gone) {
    const SocketRow& row = slots.rows[slot];
    if (row.since != refresh_) {
      gone_.sockets.push_back(row.cookie);
      gone_.socket_groups.push_back(groups_[slots.tracks[slot].group].row.id);
    }
    erase(slots, slot);
    slots.release(slot);
  }
  follow_holders(slots, holders);

  for (const GroupIndex index : std::exchange(dirty_, {})) summarize(slots, groups_[index]);
  if (rearrange_) arrange(slots);
  rearrange_ = false;
  if (moved_ == refresh_) compare_neighbours(slots);

  const auto flag = [&](Slot slot) {
    if (slots.rows[slot].change != Change::none) flagged_.push_back(slot);
  };
  for (const Slot slot : changes.added) flag(slot);
  for (const Slot slot : changes.changed) flag(slot);
  for (const Slot slot : changes.learned) flag(slot);
}

// Brings a socket whose key became another to its group.
void Picture::regroup(SocketSlots& slots, Slot slot) {
  const GroupKey key = key_of(slots.rows[slot]);
  if (key == groups_[slots.tracks[slot].group].key) return;
  if (rename(slots, slots.tracks[slot].group, key)) return;
  erase(slots, slot);
  insert(slots, slot);
}

// Gives a group another key in which only the uid differs, and lets it be the same group: what was learned of the options
// of all its sockets. False where some keep the old key, or where a group with the new one is there.
bool Picture::rename(const SocketSlots& slots, GroupIndex index, const GroupKey& key) {
  Group& group = groups_[index];
  const auto moves = [&](Slot member) { return key_of(slots.rows[member]) == key; };
  const bool learned = same_place(group.key, key) && (group.key.uid == kUnknown) != (key.uid == kUnknown);
  if (!learned || by_key_.contains(key) || !std::all_of(group.members.begin(), group.members.end(), moves)) return false;
  by_key_.erase(group.key);
  by_key_.emplace(key, index);
  group.key = key;
  group.renamed = true;
  rearrange_ = true;
  return true;
}

void Picture::insert(SocketSlots& slots, Slot slot) {
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
  rearrange_ = true;
  mark(slots, slot, Mark::members);
  if (holders_) find_holders(slots, slot, holders_.get());
}

void Picture::erase(SocketSlots& slots, Slot slot) {
  mark(slots, slot, Mark::members);
  Group& group = groups_[slots.tracks[slot].group];
  const auto place = std::lower_bound(group.members.begin(), group.members.end(), slots.rows[slot].cookie,
                                      [&](Slot other, std::uint64_t it) { return slots.rows[other].cookie < it; });
  // One that was gone in one pass of a refresh and there again in the next has two slots until it is settled.
  group.members.erase(std::find(place, group.members.end(), slot));
  slots.tracks[slot].group = kNone;
  rearrange_ = true;
}

void Picture::mark(SocketSlots& slots, Slot slot, Mark what) {
  const GroupIndex index = slots.tracks[slot].group;
  if (index == kNone) return;  // gone in the same refresh
  Group& group = groups_[index];
  group.touched = refresh_;
  if (what != Mark::values) group.moved = moved_ = refresh_;
  if (what != Mark::options) group.counted = refresh_;
  if (group.dirty == refresh_) return;
  group.dirty = refresh_;
  dirty_.push_back(index);
}

// Who holds the socket, from the holder index that the picture is in step with.
std::span<const HolderRow> Picture::holders_of(const SocketSlots& slots, Slot slot) const {
  const std::uint32_t count = slots.rows[slot].holders;
  if (!holders_ || count == kUnknown) return {};
  return std::span(holders_->holders).subspan(slots.tracks[slot].first_holder, count);
}

std::vector<std::uint32_t> Picture::pids_of_receivers(const SocketSlots& slots) const {
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

// Looks the socket's holders up in `now`; true where they are others than before. holders_ is still the index before.
bool Picture::find_holders(SocketSlots& slots, Slot slot, const HolderIndex* now) const {
  const auto before = holders_of(slots, slot);
  const auto after = now == nullptr ? std::span<const HolderRow>{} : now->of(slots.rows[slot].inode);
  const bool differ = !same_holders(before, after);
  slots.rows[slot].holders = after.empty() ? kUnknown : static_cast<std::uint32_t>(after.size());
  slots.tracks[slot].first_holder = after.empty() ? 0 : static_cast<std::uint32_t>(after.data() - now->holders.data());
  return differ;
}

void Picture::follow_holders(SocketSlots& slots, const HolderIndexPtr& holders) {
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
    mark(slots, slot, Mark::members);
  }
  holders_ = holders;
  rearrange_ = true;  // holder rows follow one another over all sockets
}

void Picture::summarize(SocketSlots& slots, Group& group) {
  if (group.members.empty()) return;
  GroupSummary summary;
  for (const Slot slot : group.members) summary.add(slots.rows[slot], holders_of(slots, slot));
  const GroupRow before = group.row;
  group.row = summary.row(group.key, group.beside, holders_ != nullptr);
  group.lowest_uid = summary.lowest_uid();
  group.by_inode = is_inode_key(slots.rows[group.members.front()].cookie);
  group.row.id = before.id;
  group.row.since = before.since;
  group.row.changed = before.changed;
  group.row.change = before.change;
  if (before.sharing != group.row.sharing) group.moved = refresh_;
  group.row.members_changed = group.moved;
  if (group.row.since == refresh_) group.row.change = Change::added;
  else if (group.counted == refresh_ || !same_facts(before, group.row)) group.row.change = Change::changed;
  if (group.row.change == Change::none) return;
  group.row.changed = refresh_;
  flagged_groups_.push_back(static_cast<GroupIndex>(&group - groups_.data()));
}

// Drops empty groups, brings new ones to their places, and counts rows.
void Picture::arrange(SocketSlots& slots) {
  const auto drop_empty = [&](std::vector<GroupIndex>& indices) {
    std::erase_if(indices, [&](GroupIndex index) {
      Group& group = groups_[index];
      if (!group.members.empty()) return false;
      if (group.row.since != refresh_) gone_.groups.push_back(group.row.id);
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
  arranged_ = refresh_;
}

// Groups of one place stand side by side in the order of keys, for whose they are comes last in a key.
void Picture::compare_neighbours(SocketSlots& slots) {
  Ids ids;
  for (std::size_t first = 0; first < layout_.size();) {
    std::size_t end = first;
    std::uint32_t receiving = 0;
    for (; end < layout_.size() && same_place(groups_[layout_[first]].key, groups_[layout_[end]].key); end++)
      receiving += groups_[layout_[end]].row.receiving;
    const bool alone = end - first == 1;
    ids.here.clear();
    for (; first < end; first++) {
      Group& group = groups_[layout_[first]];
      const bool named = !alone || group.moved == refresh_ || group.id_taken || group.by_inode;
      const std::uint64_t id = named ? choose_id(group, ids) : group.row.id;
      const bool beside = receiving > group.row.receiving;
      if (beside == group.beside && id == group.row.id) continue;
      group.beside = beside;
      if (id != group.row.id) {
        if (group.row.since != refresh_) gone_.groups.push_back(group.row.id);
        group.row.id = id;
        group.row.since = refresh_;
        ids.given.push_back(id);
      }
      group.touched = refresh_;
      summarize(slots, group);
    }
  }
  if (gone_.groups.empty()) return;
  // An id that another group has taken over is not gone.
  std::ranges::sort(ids.given);
  std::erase_if(gone_.groups, [&](std::uint64_t id) { return std::ranges::binary_search(ids.given, id); });
}

// Those that everybody sees the same of are told apart by the whole key. The order of keys says which is the first: at one
// place those with SO_REUSEPORT stand before those without.
std::uint64_t Picture::choose_id(Group& group, Ids& ids) {
  const std::uint64_t id = id_of(identity_of(group.key, group.lowest_uid, group.by_inode));
  group.id_taken = group.by_inode ? !ids.by_inode.insert(id).second : std::ranges::find(ids.here, id) != ids.here.end();
  if (!group.by_inode) ids.here.push_back(id);
  return group.id_taken ? id_of(group.key) : id;
}

void Picture::write(const SocketSlots& slots, FrameMemory& memory) const {
  const bool everything = memory.refresh < arranged_ || memory.refresh == 0;
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
      // Rows that only change keep their places, and with them their holders.
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
