// /proc/net/{tcp,tcp6,udp,udp6} (proc_pid_net(5)): what is left where the kernel has no sock_diag. Text of the kernel,
// read as if anybody had written it.
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

// What a line says.
struct ProcEntry {
  Address address{};
  Address remote_address{};
  std::uint16_t port = 0;
  std::uint16_t remote_port = 0;
  std::uint8_t state = 0;    // as the kernel numbers them (include/net/tcp_states.h); 3 for a half-open request
  std::uint32_t waiting = 0;
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;   // 0 for what no process holds: TIME_WAIT, a half-open request, a socket that is being closed
  std::uint32_t drops = kUnknown;
};

// `entry` is missing in the heading.
struct ParsedLine {
  bool well_formed = true;
  std::optional<ProcEntry> entry = {};
};

// Parses one line, without its newline (get_tcp4_sock() in net/ipv4/tcp_ipv4.c, udp4_format_sock() in net/ipv4/udp.c,
// and their IPv6 siblings).
ParsedLine parse_proc_entry(Protocol protocol, Family family, std::string_view line);

// What one line is. `socket` is missing where it tells of none that is shown: the heading, another state (of TCP only
// listeners are shown; those that are bound and do not listen are in none of the files), a socket that is being closed
// and has no inode any more.
struct ProcLine {
  bool well_formed = true;
  std::optional<SocketRow> socket = {};
};

// The same as a row. It has inode_key() in the cookie's place. Not told there, and so unknown: the interface,
// IPV6_V6ONLY, every limit of a queue, and drops of TCP.
ProcLine parse_proc_line(Protocol protocol, Family family, std::uint32_t netns, std::string_view line);

// Makes lines of text that comes piece by piece.
class LineSplitter {
 public:
  // Longer than any line that the kernel writes. In a longer one's place stands a text that is no such line.
  static constexpr std::size_t kLongestLine = 512;
  using OnLine = std::function<void(std::string_view line)>;

  void feed(std::string_view piece, const OnLine& on_line);
  // Hands over what came without a newline at the end.
  void finish(const OnLine& on_line);

 private:
  std::string rest_;
  bool overlong_ = false;
};

// The files that one table of sock_diag stands for, open, in the namespace where they were opened.
class ProcNet {
 public:
  // `batch` counts the reads: within one the kernel holds the lock of each hash bucket that it walks, between two it
  // remembers a position, as in a dump (seq_read_iter() in fs/seq_file.c, tcp_seq_next(), udp_seq_next()).
  using OnSocket = std::function<void(SocketRow& socket, std::uint32_t batch)>;

  // Opens them in the namespace of `namespace_fd` on the calling thread, which is home again afterwards. Throws
  // SystemError. A machine without IPv6 has no files for it, which is no error.
  ProcNet(SocketTableKind kind, int namespace_fd);

  // Reads them from the start. Throws SystemError: the errno of read(2), or EBADMSG when there were lines of another
  // form, after all others were handed over.
  DumpEnd read(std::uint32_t netns, const OnSocket& on_socket);
  // The same of all that stands in the file of one family, connections too.
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

// Reads one such file, open at its start, to its end, and adds to `end`. `on_line` says whether a line had the form of
// one. Throws as ProcNet::read().
void read_proc_lines(int fd, const char* path, DumpEnd& end,
                     const std::function<bool(std::string_view line, std::uint32_t batch)>& on_line);
// The same, of the sockets.
void read_proc_sockets(int fd, const char* path, Protocol protocol, Family family, std::uint32_t netns, DumpEnd& end,
                       const ProcNet::OnSocket& on_socket);

}  // namespace reuseport
