// One engine's view of the machine: its open network namespaces, and the sockets in them from refresh to refresh.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "namespaces.h"
#include "netlink.h"
#include "oracle.h"
#include "picture.h"
#include "socket_table.h"
#include "system_error.h"

namespace reuseport {

// A dump that failed. Its sockets are kept as last seen.
struct ReadFailure {
  std::uint32_t netns;
  SystemError error;
};

struct RefreshResult {
  std::uint32_t refresh = 0;  // counts from 1
  std::uint32_t passes = 0;   // dumps made
  bool unsettled = false;     // some socket is still in doubt after kMostPasses
  std::vector<ReadFailure> failures;
  Picture::Gone gone;
  Picture::Size size;
};

class Reader {
 public:
  // Dumps of one table in one refresh, at most.
  static constexpr std::uint32_t kMostPasses = 5;

  // Opens the namespace at `path`, the caller's own for nullopt, and gives its inode; one that is open stays as it is.
  // Throws SystemError (see open_namespace).
  std::uint32_t open_namespace(const std::optional<std::string>& path);
  // Forgets the namespace; the next refresh tells its sockets as gone. An unknown inode is ignored.
  void close_namespace(std::uint32_t inode);
  // The open namespace's descriptor, for run_within, kept open while the caller holds it. Throws SystemError ENOENT.
  std::shared_ptr<const OpenNamespace> descriptor_of(std::uint32_t inode);

  // Dumps every open namespace and brings the picture up to date. `memory`: see build_dump. `holders`: who holds which
  // socket, null before the first scan. A dump that fails is a value of the result. Not for two threads at once, nor
  // while write() runs.
  RefreshResult refresh(bool memory, const HolderIndexPtr& holders);
  // Writes the picture of the last refresh.
  void write(FrameMemory& memory) const { picture_.write(slots_, memory); }

  // Probes the steering oracle in an open namespace. Any thread may call it. Throws SystemError; ENOENT for a namespace
  // that is not open.
  ProbeAnswers probe(std::uint32_t netns, const ProbeTarget& target, std::span<const Remote> remotes);

  // What is known of these sockets' options (bits of SocketRow::options), for the next refresh. What was read from the
  // socket itself is never replaced by what the oracle concluded. Any thread may call it.
  void learn(std::span<const std::uint64_t> cookies, std::uint8_t options);

 private:
  struct Namespace {
    explicit Namespace(OpenNamespace&& opened);

    std::shared_ptr<const OpenNamespace> held;
    Connection connection;
    std::vector<SocketTable> tables;
    std::mutex oracle_mutex;
    std::unique_ptr<Oracle> oracle;  // with a netlink socket of its own, opened when first asked
  };
  using NamespacePtr = std::shared_ptr<Namespace>;
  struct Learned {
    std::uint64_t cookie;
    std::uint8_t options;
  };

  NamespacePtr find(std::uint32_t inode);
  void apply_learned(const std::vector<NamespacePtr>& namespaces);
  void read(Namespace& from, SocketTable& table, bool memory, RefreshResult& result);

  std::mutex mutex_;  // guards the three below
  std::vector<NamespacePtr> namespaces_;
  std::vector<NamespacePtr> closed_;
  std::vector<Learned> learned_;

  SocketSlots slots_;
  Picture picture_;
};

}  // namespace reuseport
