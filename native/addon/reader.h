// Everything that one engine reads: its open network namespaces, and their sockets from refresh to refresh.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/held_namespaces.h"
#include "common/kernel_lookup.h"
#include "common/namespaces.h"
#include "common/netlink.h"
#include "common/options.h"
#include "common/port_dump.h"
#include "common/system_error.h"
#include "frame.h"
#include "holder_scan.h"
#include "interfaces.h"
#include "pollers.h"
#include "socket_table.h"
#include "table_reader.h"

namespace reuseport {

// A failed dump. Its sockets stay as last seen.
struct ReadFailure {
  std::uint32_t netns;
  SystemError error;
};

// A table that sock_diag does not support, so that /proc/net was read instead.
struct MissingTable {
  SocketTableKind kind;
  SystemError error;
};

struct RefreshResult {
  std::uint32_t refresh = 0;  // counts from 1
  std::uint32_t passes = 0;   // dumps made
  bool unsettled = false;     // some sockets are still in doubt after kMaxPasses
  std::vector<ReadFailure> failures;
  std::vector<MissingTable> missing;
  std::uint32_t tables = 0;  // tables to read, in all namespaces
  Frame::Removed removed;
  Frame::Size size;
};

struct OptionReadResult {
  std::uint32_t read = 0;      // sockets whose options are now known
  std::uint32_t refused = 0;   // sockets that no holder gives access to
  std::uint32_t given_up = 0;  // single sockets that count as unshared from now on: no holder can be read
};

// Thread-safe. refresh() and write() exclude each other.
class Reader {
 public:
  // Opens the namespace at `path`, the caller's own for nullopt, and returns its inode. Does nothing if it is already
  // open. Throws SystemError (see open_namespace).
  std::uint32_t open_namespace(const std::optional<std::string>& path);
  // The same for the namespace of a held socket. Throws SystemError (see open_namespace_of).
  std::uint32_t open_namespace(const SocketRef& socket);
  // Closes the namespace at once; the next refresh reports its sockets as removed. Ignores unknown inodes.
  void close_namespace(std::uint32_t inode);
  // The open namespace, for run_within; it stays open while the caller holds the pointer. Throws SystemError ENOENT.
  std::shared_ptr<const OpenNamespace> descriptor_of(std::uint32_t inode);

  // Dumps every open namespace and updates the frame, with the holders of the last scan. `memory`: see DumpRequest.
  // Without `bound`, TCP sockets that are bound but not listening stay as last read, in namespaces where no TCP socket
  // was added or removed. Failed dumps are part of the result.
  RefreshResult refresh(bool memory, bool bound);
  // Writes the frame of the last refresh.
  void write(FrameMemory& memory);

  // Scans /proc for the holders of sockets (see HolderScanner). Also does a full scan if the previous one found no
  // holder for a socket added since the last full scan: its process may have closed another one and reused its
  // descriptor.
  HolderScan scan_holders(bool full);
  // The network namespaces of the sockets found by the last holder scan (see HeldNamespaces). Empty before the first
  // scan.
  HeldNamespaceSearch search_held_namespaces(std::uint32_t limit);
  // Reads the options of at most `limit` sockets of the frame that were not read yet and have known holders; with
  // `deciding_only`, only those for which Frame::options_decide() is true. Rereads those of at most `reread` group
  // members, since SO_INCOMING_CPU can be set at any time; they are not counted. Both rotate: the next call continues
  // after the last socket of this one. The next refresh shows the results.
  OptionReadResult read_options(std::uint32_t limit, bool deciding_only, std::uint32_t reread);
  // The current SO_INCOMING_CPU of these sockets, as in SocketRow.
  std::vector<std::uint16_t> read_incoming_cpus(std::span<const std::uint64_t> cookies);
  // The sockets polled by each process that holds a receiving socket of the last frame (see reuseport::scan_pollers).
  // Empty before the first holder scan.
  PollerScan scan_pollers();

  // Runs the kernel lookup in an open namespace. Throws SystemError; ENOENT if the namespace is not open.
  ProbeAnswers probe(std::uint32_t netns, const ProbeTarget& target, std::span<const Remote> remotes,
                     bool every_cpu = false);

  // The interfaces of an open namespace and their addresses; nothing if unchanged since the last call (see
  // InterfaceWatch). Throws SystemError; ENOENT if the namespace is not open.
  std::optional<Interfaces> read_interfaces(std::uint32_t netns);

  // The sockets of one port, or connections, with the holders of the last scan (see dump_port), over a separate netlink
  // socket. Throws SystemError; ENOENT if the namespace is not open.
  PortDump dump_port(std::uint32_t netns, const PortQuery& query);

  // Sends one complete request (header with length, type and flags; NLM_F_DUMP for a dump) to a netlink family
  // (NETLINK_ROUTE, NETLINK_NETFILTER) in an open namespace, and returns the concatenated messages of the reply. Throws
  // SystemError: the kernel's error, ENOENT if the namespace is not open.
  std::vector<std::byte> query(std::uint32_t netns, int netlink_family, std::vector<std::byte> request);

  // Records options of these sockets at the next refresh (see record_options).
  void apply_options(std::span<const std::uint64_t> cookies, const Options& options);

  // Records at the next refresh that these sockets are in a kernel group of their own (see record_kernel_group).
  void apply_kernel_group(std::span<const std::uint64_t> cookies, std::uint8_t number);

 private:
  using Tables = std::vector<SocketTable>;
  struct Namespace {
    explicit Namespace(OpenNamespace&& opened);

    std::shared_ptr<const OpenNamespace> held;
    // The sock_diag connection, opened on first use.
    NetlinkConnection& sock_diag();

    std::optional<NetlinkConnection> connection;
    std::shared_ptr<Tables> tables = std::make_shared<Tables>();
    std::mutex lookup_mutex;
    std::unique_ptr<KernelLookup> lookup;  // with its own netlink socket, opened on first use
    std::mutex interfaces_mutex;
    std::unique_ptr<InterfaceWatch> interfaces;  // likewise
    std::mutex queries_mutex;
    std::map<int, NetlinkConnection> queries;  // by netlink family, likewise
  };
  using NamespacePtr = std::shared_ptr<Namespace>;
  using Record = std::function<void(SocketSlots&, Slot)>;
  struct Pending {
    std::uint64_t cookie;
    Record record;
  };

  std::uint32_t add_namespace(OpenNamespace&& opened);
  std::vector<NamespacePtr> open_namespaces();
  NamespacePtr find(std::uint32_t inode);
  void apply_later(std::span<const std::uint64_t> cookies, const Record& record);
  void apply_pending(const std::vector<NamespacePtr>& namespaces);
  void read(Namespace& from, SockDiagTables::Clock::time_point now, bool memory, bool bound, RefreshResult& result);

  bool needs_full_scan(bool full);
  using SlotFilter = std::function<bool(Slot)>;
  std::vector<OptionQuery> next_in_turn(Slot& cursor, std::uint32_t limit, const HolderIndex& holders,
                                        const SlotFilter& filter, std::vector<Slot>* unheld = nullptr);
  HolderIndexPtr holders();

  std::mutex mutex_;  // guards the four members below; held only briefly
  std::vector<NamespacePtr> namespaces_;
  std::vector<std::shared_ptr<Tables>> closed_;  // tables of closed namespaces, until the next refresh
  std::vector<Pending> pending_;
  HolderIndexPtr holders_;

  std::mutex frame_mutex_;  // guards the seven members below; held during a refresh
  SockDiagTables sock_diag_;
  SocketSlots slots_;
  Frame frame_;
  Slot option_cursor_ = 0;
  Slot reread_cursor_ = 0;
  std::uint32_t scanned_at_ = 0;  // refresh before the last holder scan, and before the last full one
  std::uint32_t fully_scanned_at_ = 0;

  std::mutex scanner_mutex_;
  HolderScanner scanner_;

  std::mutex held_mutex_;
  HeldNamespaces held_namespaces_;
};

}  // namespace reuseport
