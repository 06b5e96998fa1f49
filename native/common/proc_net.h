// /proc/net/{tcp,tcp6,udp,udp6} (proc_pid_net(5)): the fallback for kernels without sock_diag. Parsed as untrusted
// text.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netlink.h"
#include "records.h"
#include "sock_diag.h"
#include "unique_fd.h"

namespace reuseport {

// The values in one line.
struct ProcEntry {
  Address address{};
  Address remote_address{};
  std::uint16_t port = 0;
  std::uint16_t remote_port = 0;
  std::uint8_t state = 0;  // kernel numbering (include/net/tcp_states.h); 3 for a half-open request
  std::uint32_t waiting = 0;
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;  // 0 if no process holds it: TIME_WAIT, a half-open request, a socket being closed
  std::uint32_t drops = kUnknown;
};

// `entry` is empty for the heading.
struct ParsedLine {
  bool well_formed = true;
  std::optional<ProcEntry> entry = {};
};

// Parses one line, without its newline (get_tcp4_sock() in net/ipv4/tcp_ipv4.c, udp4_format_sock() in net/ipv4/udp.c,
// and their IPv6 siblings).
ParsedLine parse_proc_entry(Protocol protocol, Family family, std::string_view line);

// A parsed line as a row. `socket` is empty if the line is not a socket to show: the heading, another state (of TCP
// only listeners are shown; the files do not list bound sockets that are not listening), or a socket that is being
// closed and no longer has an inode.
struct ProcLine {
  bool well_formed = true;
  std::optional<SocketRow> socket = {};
};

// Parses one line into a row, with inode_key() as the cookie. The files do not contain, so these are unknown: the
// interface, IPV6_V6ONLY, queue limits, and TCP drops.
ProcLine parse_proc_line(Protocol protocol, Family family, std::uint32_t netns, std::string_view line);

// Splits text that arrives in pieces into lines.
class LineSplitter {
 public:
  // Longer than any line that the kernel writes. A longer line is replaced by a malformed one.
  static constexpr std::size_t kMaxLine = 512;
  using OnLine = std::function<void(std::string_view line)>;

  void feed(std::string_view piece, const OnLine& on_line);
  // Passes on a last line without a newline.
  void finish(const OnLine& on_line);

 private:
  std::string rest_;
  bool overlong_ = false;
};

// The open files that correspond to one sock_diag table, of the namespace where they were opened.
class ProcNet {
 public:
  // `batch` counts the reads. Within one, the kernel holds the lock of each hash bucket that it walks; between two it
  // only keeps a position, as in a dump (seq_read_iter() in fs/seq_file.c, tcp_seq_next(), udp_seq_next()).
  using OnSocket = std::function<void(SocketRow& socket, std::uint32_t batch)>;

  // Opens them in the namespace of `namespace_fd` on the calling thread, which then returns to its own namespace.
  // Throws SystemError. Missing IPv6 files on a machine without IPv6 are not an error.
  ProcNet(SocketTableKind kind, int namespace_fd);

  // Reads them from the start. Throws SystemError: the errno of read(2), or EBADMSG for malformed lines, after all
  // others were passed on.
  DumpEnd read(std::uint32_t netns, const OnSocket& on_socket);
  // The same for every entry in the file of one family, connections too.
  void read_entries(Family family, const std::function<void(const ProcEntry&)>& on_entry);

 private:
  struct File {
    const char* path;
    Family family;
    UniqueFd fd;
  };

  Protocol protocol_;
  std::vector<File> files_;
};

// Reads one such file from its current position to its end, and adds to `end`. `on_line` returns whether a line is
// well-formed. Throws like ProcNet::read().
void read_proc_lines(int fd, const char* path, DumpEnd& end,
                     const std::function<bool(std::string_view line, std::uint32_t batch)>& on_line);
// The same for sockets.
void read_proc_sockets(int fd, const char* path, Protocol protocol, Family family, std::uint32_t netns, DumpEnd& end,
                       const ProcNet::OnSocket& on_socket);

}  // namespace reuseport
