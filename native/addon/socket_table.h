// The sockets of one kernel table in one network namespace, tracked from dump to dump.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "common/netlink.h"
#include "common/options.h"
#include "common/sock_diag.h"
#include "socket_slots.h"

namespace reuseport {

// Records the options of a socket. Bits that were read from the socket are never replaced: membership is fixed when a socket binds or
// listens, so the earliest value is the closest. Of the other options the latest value counts.
void record_options(SocketSlots& slots, Slot slot, const Options& options);

// Records which of several kernel groups with its key a socket is in.
void record_kernel_group(SocketSlots& slots, Slot slot, std::uint8_t number);

// How reliable a pass was.
struct PassResult {
  std::uint32_t added = 0;       // sockets not seen before
  std::uint32_t duplicates = 0;  // sockets listed twice: others may have been skipped
  std::uint32_t doubtful = 0;    // sockets that every pass of this refresh missed, possibly only skipped
  std::uint32_t missed = 0;      // listeners that a pass without bound sockets missed: inconclusive
  bool whole = false;            // a single batch, so nothing can have been skipped
};

// A dump arrives in batches. Within one, the kernel holds the lock of each hash bucket it walks, so a batch is exact.
// Between two it only keeps a position, which shifts when sockets open and close meanwhile: some are listed twice,
// others not at all (inet_diag_dump_icsk() in net/ipv4/tcp_diag.c, udp_dump() in net/ipv4/udp_diag.c).
//
// Buckets are lists that grow at their ends only, so the remaining sockets keep their order. A socket missing between
// two neighbors of one batch is therefore certainly closed. One missing where a batch ended is in doubt: the caller
// reads again, with batches that end elsewhere. What stays in doubt is removed after kRemoveAfter passes.
class SocketTable {
 public:
  // Consecutive passes that must miss a socket in doubt before it is removed.
  static constexpr std::uint8_t kRemoveAfter = 5;
  // The same for a TCP socket that is bound but not listening, counting passes that requested those. The kernel walks
  // them 16 at a time, so they are always in doubt; and because nothing reaches them they do not justify another dump.
  static constexpr std::uint8_t kRemoveBoundAfter = 3;

  // Where it was read from.
  enum class Source : std::uint8_t { sock_diag, proc_net };

  SocketTable(SocketTableKind kind, std::uint32_t netns) : kind_(kind), netns_(netns) {}

  SocketTableKind kind() const { return kind_; }
  std::uint32_t netns() const { return netns_; }
  Source source() const { return source_; }

  // True until the first pass is complete.
  bool never_read() const { return !read_; }
  // True if the last pass listed exactly what the previous one did: nothing was added, removed or reordered.
  bool unchanged() const { return unchanged_; }

  // `bound` as in the dump's request. A pass without bound sockets leaves those unchanged, finds those that listen now,
  // and removes nothing: a missing listener may still be bound (shutdown(2)).
  void begin_pass(bool bound = true);
  // Call when a source has replied, before the first socket of a pass. Removes the sockets of another source: the two
  // sources have no common identifier for a socket.
  void set_source(SocketSlots& slots, Source source);
  // Adds one socket. `batch`: see NetlinkConnection::OnMessage.
  void observe(SocketSlots& slots, SocketRow& seen, std::uint32_t batch);
  // Adds one message of the dump. Returns false if it is not a socket to show.
  bool observe(SocketSlots& slots, const Message& message, std::uint32_t batch);
  // `attempt` counts the passes of this refresh that can remove sockets, from 1.
  PassResult end_pass(SocketSlots& slots, const DumpEnd& end, std::uint32_t attempt);

  // Ends a pass whose dump failed: what it listed counts, nothing counts as missed, the rest keeps its last values.
  void abandon_pass(SocketSlots& slots);

  // The slot of this cookie, or kNone.
  Slot find(std::uint64_t cookie) const;
  // Removes all sockets.
  void forget(SocketSlots& slots);

 private:
  Slot locate(SocketSlots& slots, const SocketRow& seen);
  void note(SocketSlots& slots, Slot slot, SocketRow& now);
  void resolve_missing(SocketSlots& slots, const DumpEnd& end, std::uint32_t attempt, PassResult& result);
  void remove(SocketSlots& slots, Slot slot);

  SocketTableKind kind_;
  Source source_ = Source::sock_diag;
  std::uint32_t netns_;
  std::unordered_map<std::uint64_t, Slot> by_cookie_;
  std::vector<Slot> order_;     // as listed by the last pass, those in doubt at their old positions
  std::vector<Slot> sequence_;  // as listed by this pass
  // Sockets in doubt, each with the position after its predecessor.
  std::vector<std::pair<std::uint32_t, Slot>> doubtful_;
  std::size_t cursor_ = 0;  // the next expected one in order_
  std::uint32_t pass_ = 0;
  std::uint32_t known_seen_ = 0;
  bool in_step_ = true;  // this pass has matched order_ so far
  bool bound_ = true;    // this pass includes bound sockets
  bool read_ = false;
  bool unchanged_ = false;
  PassResult result_;
};

}  // namespace reuseport
