#include "socket_table.h"

#include <algorithm>
#include <cstring>

namespace reuseport {
namespace {

// Equal in all fields that determine the group, the state or the holders.
bool same_place(const SocketRow& a, const SocketRow& b) {
  return a.inode == b.inode && a.uid == b.uid && a.interface == b.interface && a.port == b.port &&
         a.family == b.family && a.state == b.state && a.v6only == b.v6only && a.address == b.address;
}

bool same_values(const SocketRow& a, const SocketRow& b) {
  return a.queue_length == b.queue_length && a.queue_limit == b.queue_limit && a.drops == b.drops &&
         a.drops_delta == b.drops_delta && a.remote_port == b.remote_port && a.remote_address == b.remote_address;
}

void set_changed(SocketSlots& slots, Slot slot, std::vector<Slot>& list) {
  slots.rows[slot].changed = slots.refresh;
  if (slots.rows[slot].change == Change::none) slots.rows[slot].change = Change::changed;
  list.push_back(slot);
}

void set_changed(SocketSlots& slots, Slot slot) { set_changed(slots, slot, slots.changes.changed); }

}  // namespace

void record_options(SocketSlots& slots, Slot slot, const Options& options) {
  SocketRow& row = slots.rows[slot];
  bool values = false;
#define OPTION(type, name, unread)                            \
  if (options.name != (unread) && row.name != options.name) { \
    row.name = options.name;                                  \
    values = true;                                            \
  }
#include "common/rows.def"
  const bool known = (row.options & (kOptionsFromSocket | kOptionsFromLookup)) != 0;
  // A failed read does not invalidate what is known from another source.
  const bool stands = (row.options & kOptionsFromSocket) != 0 || (known && options.bits == kOptionsRefused);
  const bool bits = !stands && row.options != options.bits;
  // For sockets from sock_diag, the dump's values take precedence.
  const bool proc_net = is_inode_key(row.cookie);
  const bool interface = proc_net && options.interface && row.interface != *options.interface;
  const bool v6only = proc_net && options.v6only && row.family == Family::ipv6 && row.v6only != *options.v6only;
  if (!values && !bits && !interface && !v6only) return;
  if (interface) row.interface = *options.interface;
  if (v6only) row.v6only = *options.v6only;
  if (bits) row.options = options.bits;
  if ((row.options & kDeferAccept) != 0) row.drops = row.drops_delta = kUnknown;
  set_changed(slots, slot, slots.changes.options_changed);
}

void record_kernel_group(SocketSlots& slots, Slot slot, std::uint8_t number) {
  if (slots.rows[slot].kernel_group == number) return;
  slots.rows[slot].kernel_group = number;
  set_changed(slots, slot);
  slots.changes.regrouped.push_back(slot);
}

void SocketTable::begin_pass(bool bound) {
  pass_++;
  bound_ = bound;
  sequence_.clear();
  cursor_ = 0;
  known_seen_ = 0;
  in_step_ = true;
  result_ = {};
}

bool SocketTable::observe(SocketSlots& slots, const Message& message, std::uint32_t batch) {
  auto seen = parse_socket(protocol_of(kind_), netns_, message);
  if (!seen) return false;
  observe(slots, *seen, batch);
  return true;
}

void SocketTable::set_source(SocketSlots& slots, Source source) {
  if (source == source_) return;
  source_ = source;
  forget(slots);
  read_ = unchanged_ = false;
}

void SocketTable::observe(SocketSlots& slots, SocketRow& seen, std::uint32_t batch) {
  const Slot slot = locate(slots, seen);
  Track& track = slots.tracks[slot];
  if (track.pass == pass_) {
    result_.duplicates++;
  } else {
    track.pass = pass_;
    track.first_batch = batch;
    if (track.position != kNone) known_seen_++;
    sequence_.push_back(slot);
  }
  track.last_batch = batch;
  note(slots, slot, seen);
}

// The slot of this socket. Most dumps repeat the previous one, so the next in its order is tried first.
Slot SocketTable::locate(SocketSlots& slots, const SocketRow& seen) {
  if (cursor_ < order_.size() && slots.rows[order_[cursor_]].cookie == seen.cookie) return order_[cursor_++];
  in_step_ = false;
  const auto [found, added] = by_cookie_.try_emplace(seen.cookie, kNone);
  if (!added) {
    const std::uint32_t position = slots.tracks[found->second].position;
    if (position != kNone) cursor_ = position + 1;
    return found->second;
  }
  const Slot slot = slots.allocate();
  found->second = slot;
  SocketRow& row = slots.rows[slot];
  row = seen;
  row.drops_delta = seen.drops == kUnknown ? kUnknown : 0;
  row.since = row.changed = slots.refresh;
  row.change = Change::added;
  slots.tracks[slot].refresh = slots.refresh;
  slots.tracks[slot].drops_before = seen.drops;
  slots.changes.added.push_back(slot);
  result_.added++;
  return slot;
}

// Updates a socket with the kernel's current values; fills in unknown values of `now` with known ones.
void SocketTable::note(SocketSlots& slots, Slot slot, SocketRow& now) {
  SocketRow& row = slots.rows[slot];
  Track& track = slots.tracks[slot];
  track.absent = 0;
  if (track.refresh != slots.refresh) {
    track.refresh = slots.refresh;
    track.drops_before = row.drops;
  }
  if ((row.options & kDeferAccept) != 0) now.drops = kUnknown;
  const bool both_known = now.drops != kUnknown && track.drops_before != kUnknown;
  now.drops_delta = both_known ? now.drops - track.drops_before : kUnknown;
  // IPV6_V6ONLY cannot change once bound (ipv6(7)), and is reported for unconnected sockets only.
  if (now.v6only == V6Only::unknown && now.family == row.family) now.v6only = row.v6only;
  // /proc/net has no interface, but it may have been read from the socket.
  if (now.interface == kUnknown) now.interface = row.interface;

  const bool moved = !same_place(row, now);
  if (!moved && same_values(row, now)) return;
  row.uid = now.uid;
  row.interface = now.interface;
  row.port = now.port;
  row.family = now.family;
  row.state = now.state;
  row.v6only = now.v6only;
  row.address = now.address;
  row.inode = now.inode;
  row.queue_length = now.queue_length;
  row.queue_limit = now.queue_limit;
  row.drops = now.drops;
  row.drops_delta = now.drops_delta;
  row.remote_port = now.remote_port;
  row.remote_address = now.remote_address;
  set_changed(slots, slot);
  if (moved) slots.changes.regrouped.push_back(slot);
}

PassResult SocketTable::end_pass(SocketSlots& slots, const DumpEnd& end, std::uint32_t attempt) {
  read_ = true;
  result_.whole = end.batches <= 1 && end.had_room && !end.interrupted;
  if (!bound_)
    while (cursor_ < order_.size() && slots.rows[order_[cursor_]].state == State::bound) cursor_++;
  unchanged_ = in_step_ && cursor_ == order_.size();
  if (unchanged_) return result_;

  const bool complete = known_seen_ == order_.size();
  for (std::uint32_t position = 0; position < sequence_.size(); position++)
    slots.tracks[sequence_[position]].position = position;
  if (!complete) resolve_missing(slots, end, attempt, result_);
  order_.swap(sequence_);
  return result_;
}

void SocketTable::abandon_pass(SocketSlots& slots) {
  unchanged_ = false;
  for (const Slot slot : sequence_) {
    Track& track = slots.tracks[slot];
    if (track.position != kNone) continue;
    track.position = static_cast<std::uint32_t>(order_.size());
    order_.push_back(slot);
  }
  for (const Slot slot : order_) {
    SocketRow& row = slots.rows[slot];
    if (slots.tracks[slot].refresh == slots.refresh || row.drops_delta == kUnknown) continue;
    row.drops_delta = kUnknown;
    set_changed(slots, slot);
  }
}

// Handles every socket of order_ that this pass did not list. Positions in sequence_ are already set; sockets in doubt
// are inserted after the socket that they followed before.
void SocketTable::resolve_missing(SocketSlots& slots, const DumpEnd& end, std::uint32_t attempt, PassResult& result) {
  doubtful_.clear();
  Slot before = kNone;
  for (std::size_t i = 0; i < order_.size();) {
    if (slots.tracks[order_[i]].pass == pass_) {
      before = order_[i++];
      continue;
    }
    std::size_t after = i;
    while (after < order_.size() && slots.tracks[order_[after]].pass != pass_) after++;

    // Neighbors in one batch, in their old order. The start of the dump belongs to the first batch, its end to the last
    // one if that was not full.
    const Track* const a = before == kNone ? nullptr : &slots.tracks[before];
    const Track* const b = after == order_.size() ? nullptr : &slots.tracks[order_[after]];
    const std::uint32_t left = a == nullptr ? 0 : a->last_batch;
    bool one_batch = !end.interrupted;
    if (b != nullptr) one_batch &= left == b->first_batch && (a == nullptr || a->position < b->position);
    else one_batch &= end.had_room && left + 1 >= end.batches;

    for (; i < after; i++) {
      const Slot slot = order_[i];
      SocketRow& row = slots.rows[slot];
      const bool bound = row.state == State::bound;
      if (!bound_) {
        if (!bound) result.missed++;
        doubtful_.emplace_back(a == nullptr ? 0 : a->position + 1, slot);
        continue;
      }
      const std::uint32_t absent = ++slots.tracks[slot].absent;
      if ((one_batch && !bound) || absent >= (bound ? kRemoveBoundAfter : kRemoveAfter)) {
        remove(slots, slot);
        continue;
      }
      if (!bound && absent >= attempt) result.doubtful++;
      if (row.drops_delta != kUnknown) {
        row.drops_delta = kUnknown;
        set_changed(slots, slot);
      }
      doubtful_.emplace_back(a == nullptr ? 0 : a->position + 1, slot);
    }
  }
  if (doubtful_.empty()) return;

  std::stable_sort(doubtful_.begin(), doubtful_.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::vector<Slot> merged;
  merged.reserve(sequence_.size() + doubtful_.size());
  std::size_t taken = 0;
  for (const auto& [position, slot] : doubtful_) {
    merged.insert(merged.end(), sequence_.begin() + static_cast<std::ptrdiff_t>(taken),
                  sequence_.begin() + static_cast<std::ptrdiff_t>(position));
    taken = position;
    merged.push_back(slot);
  }
  merged.insert(merged.end(), sequence_.begin() + static_cast<std::ptrdiff_t>(taken), sequence_.end());
  sequence_.swap(merged);
  for (std::uint32_t position = 0; position < sequence_.size(); position++)
    slots.tracks[sequence_[position]].position = position;
}

void SocketTable::remove(SocketSlots& slots, Slot slot) {
  by_cookie_.erase(slots.rows[slot].cookie);
  slots.changes.removed.push_back(slot);
}

Slot SocketTable::find(std::uint64_t cookie) const {
  const auto found = by_cookie_.find(cookie);
  return found == by_cookie_.end() ? kNone : found->second;
}

void SocketTable::forget(SocketSlots& slots) {
  for (const auto& [cookie, slot] : by_cookie_) slots.changes.removed.push_back(slot);
  by_cookie_.clear();
  order_.clear();
}

}  // namespace reuseport
