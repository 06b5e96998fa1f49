// The fixed-size rows that cross from C++ to JavaScript, in frames of plain memory.
// addon.cc publishes every offset below as `layout`, so that this file is the only place that knows them.
#pragma once

#include <array>
#include <cstdint>

namespace reuseport {

// What is not known. A value of its own: never 0.
inline constexpr std::uint32_t kUnknown = 0xffffffffu;
// The same for SO_INCOMING_CPU, and what stands there where it is known not to be set.
inline constexpr std::uint16_t kCpuUnknown = 0xffff;
inline constexpr std::uint16_t kCpuNotSet = 0xfffe;

using Address = std::array<std::uint8_t, 16>;  // network byte order; IPv4 uses the first four bytes

enum class Protocol : std::uint8_t { tcp = 6, udp = 17 };
enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };
enum class State : std::uint8_t { listening = 1, bound = 2, unconnected = 3, connected = 4 };
enum class Sharing : std::uint8_t { none = 0, reuseport = 1, reuseaddr = 2, inherited = 3, unknown = 4 };
enum class Evidence : std::uint8_t { none = 0, co_listening = 1, socket_option = 2, steering_oracle = 3, bpf = 4, proc_net = 5 };
enum class V6Only : std::uint8_t { no = 0, yes = 1, unknown = 2 };
enum class Change : std::uint8_t { none = 0, added = 1, changed = 2 };

// /proc/net tells no cookie (proc_net.h). What is followed by it has a key in the cookie's place, made of the inode, which
// a socket keeps while it lives. No cookie looks like it: they are counted from both ends of the 64 bits
// (gen_cookie_next() in include/linux/cookie.h).
inline constexpr unsigned kInodeKeyBit = 52;  // still exact as a JavaScript number
constexpr std::uint64_t inode_key(std::uint32_t inode) { return std::uint64_t{1} << kInodeKeyBit | inode; }
constexpr bool is_inode_key(std::uint64_t cookie) { return cookie >> kInodeKeyBit == 1; }

// What is known of a socket's options, and from where. Bits of SocketRow::options.
inline constexpr std::uint8_t kOptionsFromSocket = 1;  // read with getsockopt through pidfd_getfd
inline constexpr std::uint8_t kOptionsFromOracle = 2;  // concluded from the steering oracle
inline constexpr std::uint8_t kReusePort = 4;
inline constexpr std::uint8_t kReuseAddr = 8;
// TCP_DEFER_ACCEPT: the drop counter of such a listener also counts the bare ACK of each healthy connection that waits for
// its data (tcp_check_req(), net/ipv4/tcp_minisocks.c), so what it lost is not known and `drops` is kUnknown.
inline constexpr std::uint8_t kDeferAccept = 32;
inline constexpr std::uint8_t kOptionsRefused = 16;  // asked for, and not told; or no process is seen that could be asked

// One socket. Rows of one group lie side by side, ordered by cookie: the kernel numbers sockets when it is first asked
// for their cookie (__sock_gen_cookie() in net/core/sock_diag.c), so what came between two refreshes has no order.
struct SocketRow {
  std::uint64_t cookie;       // or inode_key()
  std::uint32_t inode;
  std::uint32_t uid;
  std::uint32_t netns;        // inode of the network namespace
  std::uint32_t interface;    // bound interface index, 0 for none, kUnknown where only /proc/net told of the socket
  std::uint32_t group;        // row of the group in the same frame
  std::uint32_t queue_length; // TCP: accept queue, connections; UDP: receive queue, bytes
  std::uint32_t queue_limit;  // TCP: backlog, connections; UDP: SO_RCVBUF, bytes, kUnknown unless memory was asked for
  std::uint32_t drops;        // kUnknown unless memory was asked for and the kernel tells it
  std::uint32_t drops_delta;  // more than at the refresh before; 0 for a new socket, kUnknown where one of the two is
  std::uint32_t first_holder; // row in the holders of the same frame, where there are any
  std::uint32_t holders;      // how many rows from there, one a (process, descriptor); kUnknown: not looked, or none may be seen
  std::uint32_t since;        // refresh at which the socket was first seen
  std::uint32_t changed;      // refresh at which a value above last changed
  std::uint16_t port;
  std::uint16_t remote_port;  // 0 unless connected
  Family family;
  Protocol protocol;
  State state;
  V6Only v6only;
  std::uint8_t options;
  Change change;
  std::uint16_t incoming_cpu; // SO_INCOMING_CPU when it was last read, kCpuNotSet or kCpuUnknown
  Address address;
  Address remote_address;
};
static_assert(sizeof(SocketRow) == 104, "JavaScript reads these rows by offset");

// One group: the sockets that share one key.
struct GroupRow {
  std::uint64_t id;           // hash of the key, the same on every refresh
  std::uint64_t queue_length; // sums over the members that receive
  std::uint64_t queue_limit;  // sum over those whose limit is known
  std::uint64_t drops;        // sum over those whose drops are known
  std::uint64_t drops_delta;
  std::uint32_t first;        // row of the first socket
  std::uint32_t sockets;      // how many
  std::uint32_t receiving;    // of those, how many listen or are unconnected UDP
  std::uint32_t drops_known;  // of those, how many tell their drops
  std::uint32_t fullest;      // row of the socket whose queue is fullest against its limit, kUnknown without one
  std::uint32_t uid;          // kUnknown where the members' uids differ
  std::uint32_t netns;
  std::uint32_t interface;
  std::uint32_t since;        // refresh at which the group was first seen
  std::uint32_t changed;      // refresh at which anything of it last changed, or a member in more than its options
  std::uint32_t members_changed; // refresh at which a member last came, went or changed its state, holders or options, or `sharing` did
  std::uint16_t port;
  Family family;
  Protocol protocol;
  V6Only v6only;
  Sharing sharing;
  Evidence evidence;
  Change change;
  std::uint8_t pending;       // 1: a lone socket whose options were not asked for yet, so `sharing` is unknown
  std::uint8_t pad[3];
  Address address;
};
static_assert(sizeof(GroupRow) == 112, "JavaScript reads these rows by offset");

// One descriptor of one process. A socket's rows lie side by side, ordered by pid, then fd.
struct HolderRow {
  std::uint32_t inode;
  std::uint32_t pid;
  std::uint32_t fd;
  std::uint32_t process;      // row of the process in the owners' frame
};
static_assert(sizeof(HolderRow) == 16, "JavaScript reads these rows by offset");

// One process that was looked at.
struct ProcessRow {
  std::uint64_t start_time;   // clock ticks since boot, field 22 of /proc/PID/stat (proc(5))
  std::uint32_t pid;
  std::uint32_t parent;
  std::uint32_t uid;          // effective uid, owner of /proc/PID (proc(5))
  std::uint32_t netns;        // inode of its network namespace, kUnknown where it may not be read
  std::uint32_t sockets;      // sockets among its descriptors; kUnknown where they may not be read
  std::uint32_t epolls;       // epoll descriptors among them
  std::array<char, 16> command; // comm, NUL padded, as the process wrote it: never trusted
};
static_assert(sizeof(ProcessRow) == 48, "JavaScript reads these rows by offset");

}  // namespace reuseport
