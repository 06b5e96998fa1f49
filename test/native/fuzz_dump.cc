// Coverage-guided fuzzing of all that reads what comes from the kernel: netlink framing, sock_diag and rtnetlink
// messages, the socket table, groups and frames, through a connection to a kernel that answers whatever the fuzzer makes up.
//
//   npm run fuzz      a long run
//
// The input is a row of refreshes: each a table, then datagrams (a length of two bytes, then the bytes). The sequence
// and port of each message are put right, so that not all of them are taken for somebody else's.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <unordered_set>

#include "picture.h"
#include "rtnetlink.h"
#include "socket_table.h"
#include "support/fake_kernel.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

// Stops the fuzzer with this input.
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
  Buffer datagram() {
    const std::size_t low = byte(), wanted = byte() * std::size_t{256} + low;
    const Bytes taken = rest_.first(std::min(wanted, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return Buffer(taken.begin(), taken.end());
  }

 private:
  Bytes rest_;
};

void address_to_us(Buffer& datagram, std::uint32_t sequence) {
  for (std::size_t at = 0; at + sizeof(nlmsghdr) <= datagram.size();) {
    nlmsghdr header = read_as<nlmsghdr>(Bytes(datagram).subspan(at));
    header.nlmsg_seq = sequence;
    header.nlmsg_pid = FakeKernel::kPort;
    std::memcpy(datagram.data() + at, &header, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return;
    at += netlink_align(header.nlmsg_len);
  }
}

void check_interface(const Message& message) {
  if (const auto link = parse_link(message)) require(link->index > 0 && !link->name.empty());
  if (const auto address = parse_address(message)) require(address->interface > 0);
}

void check_frame(const Picture& picture, const SocketSlots& slots, FrameMemory& memory) {
  const auto size = picture.size();
  require(size.sockets <= memory.sockets.size() && size.groups <= memory.groups.size());
  picture.write(slots, memory);
  std::unordered_set<std::uint64_t> cookies;
  std::size_t next = 0;
  for (std::size_t index = 0; index < size.groups; index++) {
    const GroupRow& group = memory.groups[index];
    require(group.first == next && group.sockets > 0 && group.receiving <= group.sockets);
    next += group.sockets;
    require(group.fullest == kUnknown || (group.fullest >= group.first && group.fullest < next));
    for (std::size_t row = group.first; row < next; row++) {
      const SocketRow& socket = memory.sockets[row];
      require(socket.group == index && socket.port == group.port);
      require(cookies.insert(socket.cookie).second);
    }
  }
  require(next == size.sockets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(std::as_bytes(std::span(data, size)));
  const auto script = std::make_shared<FakeKernel::Script>();
  Connection connection(std::make_unique<FakeKernel>(script));
  SocketSlots slots;
  Picture picture;
  SocketTable table(input.byte() % 2 == 0 ? SocketTableKind::tcp : SocketTableKind::udp_ipv6, 1);
  // Made once: clearing this much for each input would be most of the work.
  static std::vector<SocketRow> sockets(4096);
  static std::vector<GroupRow> groups(4096);
  static std::vector<HolderRow> holders(1);
  FrameMemory memory{sockets, groups, holders};

  for (int refresh = 0; refresh < 16 && !input.empty(); refresh++) {
    picture.begin(slots);
    for (std::uint32_t attempt = 1, passes = 1 + input.byte() % 3; attempt <= passes; attempt++) {
      script->deliveries.clear();
      script->on_request = [&](const nlmsghdr& header, Bytes) {
        for (unsigned datagrams = input.byte() % 5; datagrams > 0; datagrams--) {
          Buffer datagram = input.datagram();
          address_to_us(datagram, header.nlmsg_seq);
          script->deliveries.push_back({std::move(datagram)});
        }
        script->deliveries.push_back({message(NLMSG_DONE, number(0), header.nlmsg_seq)});
      };
      const bool bound = input.byte() % 2 == 0;
      table.begin_pass(bound);
      try {
        const DumpEnd end = connection.dump(build_dump(table.kind(), {.memory = true, .bound = bound, .widen = attempt - 1}), "dump",
                                            [&](const Message& m, std::uint32_t b) {
                                              table.observe(slots, m, b);
                                              check_interface(m);
                                            });
        table.end_pass(slots, end, attempt);
      } catch (const SystemError&) {
        table.abandon_pass(slots);
      }
    }
    picture.settle(slots, nullptr);
    check_frame(picture, slots, memory);
  }
  return 0;
}
