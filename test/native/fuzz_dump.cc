// Coverage-guided fuzzing of everything that parses data from the kernel: netlink framing, sock_diag and rtnetlink
// messages, the socket table, groups and frames, over a transport whose replies the fuzzer generates.
//
//   npm run fuzz      a long run
//
// The input is a table and a series of refreshes, each of some passes, each of some datagrams. A datagram is a two-byte
// length and its bytes; or, if the highest bit of the length is set, sockets of five bytes each, from which well-formed
// messages are built: so short inputs describe many sockets over several refreshes, and short inputs run fast. The
// sequence and port of each message are corrected, so that not all of them are skipped.
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "addon/frame.h"
#include "addon/socket_table.h"
#include "common/rtnetlink.h"
#include "support/messages.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// Fails the fuzzer on this input.
void require(bool held) {
  if (!held) std::abort();
}

class Input {
 public:
  explicit Input(Bytes bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes(std::size_t size) {
    const Bytes taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes rest_;
};

constexpr std::size_t kMostMade = 8;

// Builds a socket's message from five bytes: few values per field, so that the same socket reappears, changed.
struct MadeSocket {
  nlmsghdr header;
  inet_diag_msg socket;
  nlattr memory_header;
  std::array<std::uint32_t, 9> memory;

  MadeSocket(Input& input, bool interrupted) : header{}, socket{}, memory_header{}, memory{} {
    const unsigned who = input.byte(), where = input.byte(), how = input.byte(), queue = input.byte(),
                   drops = input.byte();
    static constexpr std::array<std::uint8_t, 4> kStates{10, 7, 1, 13};
    header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    header.nlmsg_flags = NLM_F_MULTI | (interrupted ? NLM_F_DUMP_INTR : 0);
    socket.id.idiag_cookie[0] = who % 32;
    socket.idiag_inode = 100 + who % 32;
    socket.idiag_state = kStates[who / 32 % 4];
    socket.idiag_family = where % 2 == 0 ? AF_INET : AF_INET6;
    socket.id.idiag_sport = htons(static_cast<std::uint16_t>(80 + where / 2 % 4));
    socket.id.idiag_src[0] = where / 8 % 4;
    socket.id.idiag_src[2] = where / 32 % 2 == 0 ? 0 : htonl(0xffff);
    socket.id.idiag_if = where / 64;
    socket.idiag_uid = how % 4;
    socket.id.idiag_dport = static_cast<std::uint16_t>(how / 4 % 4);
    socket.id.idiag_dst[0] = how / 4 % 4;
    socket.idiag_rqueue = queue;
    socket.idiag_wqueue = how / 16 % 4 * 64;
    memory_header.nla_type = INET_DIAG_SKMEMINFO;
    memory_header.nla_len = sizeof memory_header + sizeof memory;
    memory = {queue, queue * 2, 0, 0, 0, 0, 0, 0, drops};
    header.nlmsg_len = static_cast<std::uint32_t>(how < 192 ? sizeof *this : sizeof header + sizeof socket);
  }
};

// Replies to each request with up to four datagrams of the input and the end of the dump. Copies only what is received:
// building the datagrams in advance took half the time.
class InputTransport final : public NetlinkTransport {
 public:
  explicit InputTransport(Input& input) : input_(input) {}

  std::uint32_t port() const override { return kPort; }

  int send(Bytes request) override {
    sequence_ = read_as<nlmsghdr>(request).nlmsg_seq;
    count_ = input_.byte() % 5;
    for (std::size_t at = 0; at < count_; at++) datagrams_[at] = datagram(at);
    next_ = 0;
    return 0;
  }

  int receive(std::span<std::byte> buffer, bool, Received& received) override {
    if (next_ > count_) return EAGAIN;
    const Bytes datagram = next_ < count_ ? datagrams_[next_] : Bytes(kDone);
    next_++;
    const std::span<std::byte> taken = buffer.first(std::min(datagram.size(), buffer.size()));
    if (!taken.empty()) std::memcpy(taken.data(), datagram.data(), taken.size());
    address_to_us(taken);
    received = {taken.size(), taken.size() < datagram.size(), 0};
    return 0;
  }

 private:
  static constexpr std::uint32_t kPort = 7;
  inline static const Buffer kDone = message(NLMSG_DONE, number(0));

  Bytes datagram(std::size_t at) {
    const std::size_t low = input_.byte(), length = input_.byte() * std::size_t{256} + low;
    if (length < 0x8000) return input_.bytes(length);
    std::byte* const first = made_[at].data();
    std::byte* end = first;
    for (std::size_t count = 1 + low % kMostMade; count > 0; count--) {
      const MadeSocket socket(input_, (length & 0x4000) != 0);
      std::memcpy(end, &socket, socket.header.nlmsg_len);
      end += socket.header.nlmsg_len;
    }
    return Bytes(first, end);
  }

  void address_to_us(std::span<std::byte> datagram) const {
    for (std::size_t at = 0; at + sizeof(nlmsghdr) <= datagram.size();) {
      nlmsghdr header = read_as<nlmsghdr>(datagram.subspan(at));
      header.nlmsg_seq = sequence_;
      header.nlmsg_pid = kPort;
      std::memcpy(datagram.data() + at, &header, sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return;
      at += netlink_align(header.nlmsg_len);
    }
  }

  Input& input_;
  std::array<Bytes, 4> datagrams_;
  std::array<std::array<std::byte, kMostMade * sizeof(MadeSocket)>, 4> made_;
  std::size_t count_ = 0, next_ = 1;
  std::uint32_t sequence_ = 0;
};

void check_interface(const Message& message) {
  if (const auto link = parse_link(message)) require(link->index > 0 && !link->name.empty());
  if (const auto address = parse_address(message)) require(address->interface > 0);
}

void check_frame(const Frame& frame, const SocketSlots& slots, FrameMemory& memory) {
  const auto size = frame.size();
  require(size.sockets <= memory.sockets.size() && size.groups <= memory.groups.size());
  frame.write(slots, memory);
  static std::vector<std::uint64_t> cookies;
  cookies.clear();
  std::size_t next = 0;
  for (std::size_t index = 0; index < size.groups; index++) {
    const GroupRow& group = memory.groups[index];
    require(group.first == next && group.sockets > 0 && group.receiving <= group.sockets);
    next += group.sockets;
    require(group.fullest == kUnknown || (group.fullest >= group.first && group.fullest < next));
    for (std::size_t row = group.first; row < next; row++) {
      const SocketRow& socket = memory.sockets[row];
      require(socket.group == index && socket.port == group.port);
      cookies.push_back(socket.cookie);
    }
  }
  require(next == size.sockets);
  std::sort(cookies.begin(), cookies.end());
  require(std::adjacent_find(cookies.begin(), cookies.end()) == cookies.end());
}

}  // namespace

// Each input frees what it allocates: a short quarantine means fewer pages to clear. ASAN_OPTIONS takes precedence.
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=2:max_malloc_fill_size=64";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(std::as_bytes(std::span(data, size)));
  NetlinkConnection connection(std::make_unique<InputTransport>(input));
  SocketSlots slots;
  Frame frame;
  SocketTable table(input.byte() % 2 == 0 ? SocketTableKind::tcp : SocketTableKind::udp_ipv6, 1);
  // Allocated once: clearing it for each input would take most of the time.
  static std::vector<SocketRow> sockets(4096);
  static std::vector<GroupRow> groups(4096);
  static std::vector<HolderRow> holders(1);
  FrameMemory memory{sockets, groups, holders};

  for (int refresh = 0; refresh < 8 && !input.empty(); refresh++) {
    frame.begin(slots);
    for (std::uint32_t attempt = 1, passes = 1 + input.byte() % 3; attempt <= passes; attempt++) {
      const bool bound = input.byte() % 2 == 0;
      table.begin_pass(bound);
      try {
        const DumpEnd end =
            connection.dump(build_dump(table.kind(), {.memory = true, .bound = bound, .widen = attempt - 1}), "dump",
                            [&](const Message& m, std::uint32_t b) {
                              table.observe(slots, m, b);
                              check_interface(m);
                            });
        table.end_pass(slots, end, attempt);
      } catch (const SystemError&) {
        table.abandon_pass(slots);
      }
    }
    frame.finish(slots, nullptr);
    check_frame(frame, slots, memory);
  }
  return 0;
}
