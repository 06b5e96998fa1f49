// One engine's view of the machine: its open network namespaces, and the sockets in them from refresh to refresh.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "held_namespaces.h"
#include "holder_scan.h"
#include "interfaces.h"
#include "namespaces.h"
#include "netlink.h"
#include "options.h"
#include "oracle.h"
#include "picture.h"
#include "pollers.h"
#include "port_dump.h"
#include "socket_table.h"
#include "system_error.h"
#include "table_reader.h"

namespace reuseport {

// A dump that failed. Its sockets are kept as last seen.
struct ReadFailure {
  std::uint32_t netns;
  SystemError error;
};

// A table that sock_diag does not have, so that /proc/net was read instead.
struct MissingTable {
  SocketTableKind kind;
  SystemError answer;
};

struct RefreshResult {
  std::uint32_t refresh = 0;  // counts from 1
  std::uint32_t passes = 0;   // dumps made
  bool unsettled = false;     // some socket is still in doubt after kMostPasses
  std::vector<ReadFailure> failures;
  std::vector<MissingTable> missing;
  std::uint32_t tables = 0;   // that were to be read, in all namespaces
  Picture::Gone gone;
  Picture::Size size;
};

struct OptionReading {
  std::uint32_t read = 0;     // sockets whose options are known now
  std::uint32_t refused = 0;  // sockets none of whose holders lets us
  std::uint32_t given_up = 0; // lone sockets that count as plain from now on: nobody who could be asked tells
};

// All methods may be called from any thread. refresh() and write() wait for each other.
class Reader {
 public:
  // Opens the namespace at `path`, the caller's own for nullopt, and gives its inode; one that is open stays as it is.
  // Throws SystemError (see open_namespace).
  std::uint32_t open_namespace(const std::optional<std::string>& path);
  // The same for the namespace of a socket that somebody holds. Throws SystemError (see open_namespace_of).
  std::uint32_t open_namespace(const SocketWitness& witness);
  // Lets go of the namespace at once; the next refresh tells its sockets as gone. An unknown inode is ignored.
  void close_namespace(std::uint32_t inode);
  // The open namespace's descriptor, for run_within, kept open while the caller holds it. Throws SystemError ENOENT.
  std::shared_ptr<const OpenNamespace> descriptor_of(std::uint32_t inode);

  // Dumps every open namespace and brings the picture up to date, with what the last scan of owners found. `memory`: see
  // DumpRequest. Without `bound` TCP sockets that are bound but do not listen stay as they were last read, in a namespace
  // where no TCP socket comes or goes. A dump that fails is a value of the result.
  RefreshResult refresh(bool memory, bool bound);
  // Writes the picture of the last refresh.
  void write(FrameMemory& memory);

  // Scans /proc for who holds which socket (see HolderScanner). It is a full one, too, where the scan before found nobody
  // for a socket that is new since the last full one: its process may have closed another in its place.
  HolderScan scan_owners(bool full);
  // The network namespaces of the sockets that the last scan of owners found (see HeldNamespaces). Nothing before the
  // first scan.
  HeldNamespaceSearch search_held_namespaces(std::uint32_t limit);
  // Reads the options of at most `limit` sockets of the picture that were not read yet and whose holders the last scan
  // found; with `deciding` of those only that Picture::options_decide() names. Reads those of at most `again` members of
  // groups anew, for SO_INCOMING_CPU may be set at any time; they are not counted. Both go round: the next call begins
  // behind the last socket of this one. The next refresh shows what was read.
  OptionReading read_options(std::uint32_t limit, bool deciding, std::uint32_t again);
  // SO_INCOMING_CPU of these sockets now, as SocketRow has it.
  std::vector<std::uint16_t> read_incoming_cpus(std::span<const std::uint64_t> cookies);
  // Who polls which socket, of the processes that hold a socket of the last picture that receives (see
  // reuseport::scan_pollers). Nothing before the first scan of owners.
  PollerScan scan_pollers();

  // Probes the steering oracle in an open namespace. Throws SystemError; ENOENT for a namespace that is not open.
  ProbeAnswers probe(std::uint32_t netns, const ProbeTarget& target, std::span<const Remote> remotes,
                     bool every_cpu = false);

  // The interfaces of an open namespace and their addresses; nothing where none changed since this was last asked (see
  // InterfaceWatch). Throws SystemError; ENOENT for a namespace that is not open.
  std::optional<Interfaces> read_interfaces(std::uint32_t netns);

  // The sockets of one port, or connections, with the holders of the last scan (see dump_port), over a netlink socket of
  // its own. Throws SystemError; ENOENT for a namespace that is not open.
  PortDump dump_port(std::uint32_t netns, const PortQuery& query);

  // Sends one finished request (a header with the length, the type and the flags; NLM_F_DUMP for a dump) to a netlink
  // family (NETLINK_ROUTE, NETLINK_NETFILTER) of an open namespace, and gives the messages of the answer whole, one after
  // the other. Throws SystemError: what the kernel answers, ENOENT for a namespace that is not open.
  std::vector<std::byte> query(std::uint32_t netns, int netlink_family, std::vector<std::byte> request);

  // What is known of these sockets' options, for the next refresh (see note_options).
  void learn(std::span<const std::uint64_t> cookies, const Options& options);

 private:
  using Tables = std::vector<SocketTable>;
  struct Namespace {
    explicit Namespace(OpenNamespace&& opened);

    std::shared_ptr<const OpenNamespace> held;
    // Its sock_diag socket, opened when first asked for.
    Connection& sock_diag();

    std::optional<Connection> connection;
    std::shared_ptr<Tables> tables = std::make_shared<Tables>();
    std::mutex oracle_mutex;
    std::unique_ptr<Oracle> oracle;  // with a netlink socket of its own, opened when first asked
    std::mutex interfaces_mutex;
    std::unique_ptr<InterfaceWatch> interfaces;  // the same
    std::mutex queries_mutex;
    std::map<int, Connection> queries;  // by netlink family, the same
  };
  using NamespacePtr = std::shared_ptr<Namespace>;
  struct Learned {
    std::uint64_t cookie;
    Options options;
  };

  std::uint32_t keep(OpenNamespace&& opened);
  std::vector<NamespacePtr> open_namespaces();
  NamespacePtr find(std::uint32_t inode);
  void apply_learned(const std::vector<NamespacePtr>& namespaces);
  void read(Namespace& from, SockDiagTables::Clock::time_point now, bool memory, bool bound, RefreshResult& result);

  bool looks_at_all(bool full);
  using Wanted = std::function<bool(Slot)>;
  std::vector<OptionQuery> next_in_turn(Slot& cursor, std::uint32_t limit, const HolderIndex& holders, const Wanted& wanted,
                                        std::vector<Slot>* unheld = nullptr);
  HolderIndexPtr holders();

  std::mutex mutex_;  // guards the four below, for moments only
  std::vector<NamespacePtr> namespaces_;
  std::vector<std::shared_ptr<Tables>> closed_;  // their namespaces live only as long as others are in them
  std::vector<Learned> learned_;
  HolderIndexPtr holders_;

  std::mutex picture_mutex_;  // guards the seven below, while a refresh runs
  SockDiagTables sock_diag_;
  SocketSlots slots_;
  Picture picture_;
  Slot option_cursor_ = 0;
  Slot again_cursor_ = 0;
  std::uint32_t scanned_at_ = 0;       // refresh before the last scan of owners, and before the last full one
  std::uint32_t fully_scanned_at_ = 0;

  std::mutex scanner_mutex_;
  HolderScanner scanner_;

  std::mutex held_mutex_;
  HeldNamespaces held_namespaces_;
};

}  // namespace reuseport
