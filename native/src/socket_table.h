// The sockets of one kernel table in one network namespace, followed from dump to dump.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "netlink.h"
#include "sock_diag.h"
#include "socket_slots.h"

namespace reuseport {

// What was learned of a socket's options: bits of SocketRow::options, and SocketRow::incoming_cpu. The last two are taken
// where only /proc/net tells of the socket.
struct Options {
  std::uint8_t bits = 0;
  std::uint16_t incoming_cpu = kCpuUnknown;
  std::optional<std::uint32_t> interface = {};
  std::optional<V6Only> v6only = {};
};

// Takes it over. Bits that were read from the socket itself stand: membership is fixed when a socket binds or listens, so
// the first reading is the one nearest to it. SO_INCOMING_CPU is asked at each lookup, so there the last one counts.
void note_options(SocketSlots& slots, Slot slot, const Options& options);

// What a pass says about how far the dump can be believed.
struct PassResult {
  std::uint32_t added = 0;       // sockets not seen before
  std::uint32_t duplicates = 0;  // sockets that came twice: others may have been skipped
  std::uint32_t doubtful = 0;    // sockets that every pass of this refresh missed, and may only have skipped
  std::uint32_t missed = 0;      // listeners that a pass without bound sockets missed: nothing was concluded
  bool whole = false;            // came in one piece, so nothing can have been skipped
};

// A dump comes in batches. Within one the kernel holds the lock of each hash bucket it walks, so a batch is exact;
// between two it only remembers a position, which sockets that open and close meanwhile shift: some come twice, others
// not at all (inet_diag_dump_icsk() in net/ipv4/tcp_diag.c, udp_dump() in net/ipv4/udp_diag.c).
//
// Buckets are lists that grow at their ends only, so the sockets that stay keep their order. A socket that is missing
// between two neighbours of one batch is therefore gone for certain. One that is missing where a batch ended is in
// doubt: the caller reads again, with batches that end elsewhere. What stays in doubt is gone after kGoneAfter passes.
class SocketTable {
 public:
  // Passes in a row that must miss a socket before doubt alone calls it gone.
  static constexpr std::uint8_t kGoneAfter = 5;
  // The same for a TCP socket that is bound but does not listen, of passes that asked for those. They are walked 16 at a
  // time, so that they are always in doubt; and because nothing reaches them they are worth no dump of their own.
  static constexpr std::uint8_t kBoundGoneAfter = 3;

  // Where it was read.
  enum class Source : std::uint8_t { sock_diag, proc_net };

  SocketTable(SocketTableKind kind, std::uint32_t netns) : kind_(kind), netns_(netns) {}

  SocketTableKind kind() const { return kind_; }
  std::uint32_t netns() const { return netns_; }
  Source source() const { return source_; }

  // True until a pass was finished.
  bool never_read() const { return !read_; }
  // True where the last pass listed exactly what the one before it did: nothing came, went or moved.
  bool settled() const { return settled_; }

  // `bound` as in the dump's request. A pass without bound sockets leaves them as they were, finds those that listen now,
  // and calls nothing gone: a listener that is missing may be bound still (shutdown(2)).
  void begin_pass(bool bound = true);
  // To be called when a source has answered, before the first socket of a pass: those of another source are gone, for
  // the two have no name for a socket in common.
  void take_from(SocketSlots& slots, Source source);
  // Takes one socket. `batch`: see OnMessage of Connection.
  void observe(SocketSlots& slots, SocketRow& seen, std::uint32_t batch);
  // Takes one message of the dump. Gives false for one that tells of no socket that is shown.
  bool observe(SocketSlots& slots, const Message& message, std::uint32_t batch);
  // `attempt` counts the passes of this refresh that may call sockets gone, from 1.
  PassResult end_pass(SocketSlots& slots, const DumpEnd& end, std::uint32_t attempt);

  // Ends a pass whose dump failed: what it saw stands, nothing counts as missed, the rest keeps its last values.
  void abandon_pass(SocketSlots& slots);

  // The slot of this cookie, or kNone.
  Slot find(std::uint64_t cookie) const;
  // Calls all sockets gone.
  void forget(SocketSlots& slots);

 private:
  Slot locate(SocketSlots& slots, const SocketRow& seen);
  void note(SocketSlots& slots, Slot slot, SocketRow& now);
  void judge_missing(SocketSlots& slots, const DumpEnd& end, std::uint32_t attempt, PassResult& result);
  void remove(SocketSlots& slots, Slot slot);

  SocketTableKind kind_;
  Source source_ = Source::sock_diag;
  std::uint32_t netns_;
  std::unordered_map<std::uint64_t, Slot> by_cookie_;
  std::vector<Slot> order_;     // as the last pass listed them, those in doubt at their old places
  std::vector<Slot> sequence_;  // as this pass lists them
  std::vector<std::pair<std::uint32_t, Slot>> doubtful_;  // socket in doubt, after the position of its predecessor
  std::size_t cursor_ = 0;      // next expected in order_
  std::uint32_t pass_ = 0;
  std::uint32_t known_seen_ = 0;
  bool in_step_ = true;         // this pass has listed exactly what order_ says so far
  bool bound_ = true;           // this pass asks for bound sockets too
  bool read_ = false;
  bool settled_ = false;
  PassResult result_;
};

}  // namespace reuseport
