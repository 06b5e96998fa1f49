// The fixed-size rows that cross from C++ to JavaScript, in frames of plain memory.
// addon.cc publishes every offset below as `layout`, so that this file is the only place that knows them.
#pragma once

#include <array>
#include <cstdint>

namespace reuseport {

// Unknown. Never 0.
inline constexpr std::uint32_t kUnknown = 0xffffffffu;
// SO_INCOMING_CPU: unknown, and known not to be set.
inline constexpr std::uint16_t kCpuUnknown = 0xffff;
inline constexpr std::uint16_t kCpuNotSet = 0xfffe;

using Address = std::array<std::uint8_t, 16>;  // network byte order; IPv4 uses the first four bytes

enum class Protocol : std::uint8_t { tcp = 6, udp = 17 };
enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };
enum class State : std::uint8_t { listening = 1, bound = 2, unconnected = 3, connected = 4 };
enum class Sharing : std::uint8_t { none = 0, reuseport = 1, reuseaddr = 2, inherited = 3, unknown = 4 };
enum class Evidence : std::uint8_t {
  none = 0,
  co_listening = 1,
  socket_option = 2,
  kernel_lookup = 3,
  bpf = 4,
  proc_net = 5
};
enum class V6Only : std::uint8_t { no = 0, yes = 1, unknown = 2 };
enum class Change : std::uint8_t { none = 0, added = 1, changed = 2 };

// /proc/net does not report cookies (proc_net.h). A socket read from it has this key instead, made from its inode
// number, which does not change while the socket lives. It never equals a cookie: those are counted from both ends of
// the 64 bits (gen_cookie_next() in include/linux/cookie.h).
inline constexpr unsigned kInodeKeyBit = 52;  // still exact as a JavaScript number
constexpr std::uint64_t inode_key(std::uint32_t inode) { return std::uint64_t{1} << kInodeKeyBit | inode; }
constexpr bool is_inode_key(std::uint64_t cookie) { return cookie >> kInodeKeyBit == 1; }

// What is known about a socket's options, and the source. Bits of SocketRow::options.
inline constexpr std::uint8_t kOptionsFromSocket = 1;  // read with getsockopt through pidfd_getfd
inline constexpr std::uint8_t kOptionsFromLookup = 2;  // inferred from the kernel lookup
inline constexpr std::uint8_t kReusePort = 4;
inline constexpr std::uint8_t kReuseAddr = 8;
// TCP_DEFER_ACCEPT: the drop counter of such a listener also counts the bare ACK of every healthy connection that has
// not sent data yet (tcp_check_req(), net/ipv4/tcp_minisocks.c), so the real drops are unknown and `drops` is kUnknown.
inline constexpr std::uint8_t kDeferAccept = 32;
inline constexpr std::uint8_t kOptionsRefused = 16;  // could not be read, or no visible process holds the socket

// One socket. Rows of one group are contiguous, ordered by cookie. The kernel assigns a cookie when it is first
// requested (__sock_gen_cookie() in net/core/sock_diag.c), so sockets added between two refreshes have no order in
// time.
struct SocketRow {
  std::uint64_t cookie;  // or inode_key()
  std::uint32_t inode;
  std::uint32_t uid;
  std::uint32_t netns;         // inode of the network namespace
  std::uint32_t interface;     // bound interface index, 0 for none, kUnknown if read from /proc/net
  std::uint32_t group;         // row of the group in the same frame
  std::uint32_t queue_length;  // TCP: accept queue, connections; UDP: receive queue, bytes
  std::uint32_t queue_limit;   // TCP: backlog, connections; UDP: SO_RCVBUF, bytes, kUnknown unless memory was requested
  std::uint32_t drops;         // kUnknown unless memory was requested and the kernel reports it
  std::uint32_t drops_delta;   // since the previous refresh; 0 for a new socket, kUnknown if either value is
  std::uint32_t first_holder;  // first row in the holders of the same frame, if any
  std::uint32_t holders;       // number of rows, one per (process, descriptor); kUnknown: not scanned, or none visible
  std::uint32_t since;         // refresh at which the socket was first seen
  std::uint32_t changed;       // refresh at which a value above last changed
  std::uint16_t port;
  std::uint16_t remote_port;  // 0 unless connected
  Family family;
  Protocol protocol;
  State state;
  V6Only v6only;
  std::uint8_t options;
  Change change;
  std::uint16_t incoming_cpu;  // SO_INCOMING_CPU as last read, kCpuNotSet or kCpuUnknown
  Address address;
  Address remote_address;
};
static_assert(sizeof(SocketRow) == 104, "JavaScript reads these rows by offset");

// One group: the sockets with one key.
struct GroupRow {
  std::uint64_t id;            // hash of the key, stable across refreshes
  std::uint64_t queue_length;  // sum over receiving members
  std::uint64_t queue_limit;   // sum over those with a known limit
  std::uint64_t drops;         // sum over those with known drops
  std::uint64_t drops_delta;
  std::uint32_t first;        // row of the first socket
  std::uint32_t sockets;      // how many
  std::uint32_t receiving;    // of those, listening or unconnected UDP
  std::uint32_t drops_known;  // of those, with known drops
  std::uint32_t fullest;      // row of the socket with the highest queue utilization, kUnknown without one
  std::uint32_t uid;          // kUnknown if the members' uids differ
  std::uint32_t netns;
  std::uint32_t interface;
  std::uint32_t since;    // refresh at which the group was first seen
  std::uint32_t changed;  // refresh at which this row or a member (except for options only) last changed
  // Refresh at which a member was last added or removed, its state, holders or options changed, or `sharing` changed.
  std::uint32_t members_changed;
  std::uint16_t port;
  Family family;
  Protocol protocol;
  V6Only v6only;
  Sharing sharing;
  Evidence evidence;
  Change change;
  std::uint8_t pending;  // 1: a single socket whose options were not read yet, so `sharing` is unknown
  std::uint8_t pad[3];
  Address address;
};
static_assert(sizeof(GroupRow) == 112, "JavaScript reads these rows by offset");

// One descriptor of one process. A socket's rows are contiguous, ordered by pid, then fd.
struct HolderRow {
  std::uint32_t inode;
  std::uint32_t pid;
  std::uint32_t fd;
  std::uint32_t process;  // row of the process in the holder scan
};
static_assert(sizeof(HolderRow) == 16, "JavaScript reads these rows by offset");

// One scanned process.
struct ProcessRow {
  std::uint64_t start_time;  // clock ticks since boot, field 22 of /proc/PID/stat (proc(5))
  std::uint32_t pid;
  std::uint32_t parent;
  std::uint32_t uid;             // effective uid, owner of /proc/PID (proc(5))
  std::uint32_t netns;           // inode of its network namespace, kUnknown if not readable
  std::uint32_t sockets;         // sockets among its descriptors; kUnknown if not readable
  std::uint32_t epolls;          // epoll descriptors among them
  std::array<char, 16> command;  // comm, NUL padded, as the process wrote it: never trusted
};
static_assert(sizeof(ProcessRow) == 48, "JavaScript reads these rows by offset");

}  // namespace reuseport
