// The reader against the real kernel, with sockets made by the test.
#include "addon/reader.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "support/child.h"
#include "support/socket_holder.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  Endpoint(int family, const std::string& address, std::uint16_t port) {
    if (family == AF_INET) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      REQUIRE(::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1);
      std::memcpy(&storage, &v4, size = sizeof v4);
    } else {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      REQUIRE(::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1);
      std::memcpy(&storage, &v6, size = sizeof v6);
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

struct Wanted {
  int type = SOCK_STREAM;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  int option = SO_REUSEPORT;
  bool listening = true;
  int v6only = -1;
  int backlog = 16;
};

int family_of(const std::string& address) { return address.find(':') == std::string::npos ? AF_INET : AF_INET6; }

UniqueFd open_socket(const Wanted& wanted) {
  const int family = family_of(wanted.address);
  UniqueFd fd(must(::socket(family, wanted.type | SOCK_CLOEXEC, 0), "socket"));
  const int one = 1;
  must(::setsockopt(fd.get(), SOL_SOCKET, wanted.option, &one, sizeof one), "setsockopt");
  if (wanted.v6only >= 0)
    must(::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &wanted.v6only, sizeof(int)), "v6only");
  const Endpoint local(family, wanted.address, wanted.port);
  must(::bind(fd.get(), local.get(), local.size), "bind");
  if (wanted.type == SOCK_STREAM && wanted.listening) must(::listen(fd.get(), wanted.backlog), "listen");
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in6 local{};
  socklen_t size = sizeof local;
  must(::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size), "getsockname");
  return ntohs(local.sin6_port);
}

// A port that is free in this namespace for this type, chosen by the kernel.
std::uint16_t free_port(int type) {
  const UniqueFd fd = open_socket({.type = type, .address = "::", .listening = false, .v6only = 0});
  return port_of(fd.get());
}

// Sends a copy of the descriptor in a message that is never received.
void pass(int over, int fd) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> control{};
  char byte = 0;
  iovec part{&byte, 1};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* message = CMSG_FIRSTHDR(&header);
  message->cmsg_level = SOL_SOCKET;
  message->cmsg_type = SCM_RIGHTS;
  message->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(message), &fd, sizeof fd);
  must(::sendmsg(over, &header, 0), "sendmsg");
}

class View {
 public:
  Reader reader;
  RefreshResult result;
  std::map<std::uint64_t, SocketRow> sockets;  // by cookie
  std::vector<GroupRow> groups;

  View() { netns = reader.open_namespace(std::nullopt); }

  void refresh(bool memory = true, bool bound = true) {
    result = reader.refresh(memory, bound);
    REQUIRE(result.failures.empty());
    std::vector<SocketRow> rows(result.size.sockets);
    std::vector<HolderRow> holders(result.size.holders);
    groups.assign(result.size.groups, {});
    FrameMemory memory_of_frame{rows, groups, holders};
    reader.write(memory_of_frame);
    sockets.clear();
    for (const SocketRow& row : rows) CHECK(sockets.emplace(row.cookie, row).second);
  }

  const SocketRow& row(const UniqueFd& fd) {
    const auto found = sockets.find(cookie_of(fd.get()));
    REQUIRE(found != sockets.end());
    return found->second;
  }
  const GroupRow& group(const UniqueFd& fd) { return groups[row(fd).group]; }

  std::uint32_t netns = 0;
};

}  // namespace

TEST_CASE("every kind of socket is shown as in the kernel") {
  View view;
  const std::uint16_t tcp = free_port(SOCK_STREAM), udp = free_port(SOCK_DGRAM);
  const UniqueFd v4 = open_socket({.port = tcp}), v4_twin = open_socket({.port = tcp});
  const UniqueFd v6 = open_socket({.address = "::1", .port = tcp, .v6only = 1});
  const UniqueFd dual = open_socket({.address = "::", .port = tcp, .v6only = 0});
  const UniqueFd mapped = open_socket({.address = "::ffff:127.0.0.1", .port = tcp});
  const UniqueFd wild = open_socket({.address = "0.0.0.0", .port = tcp, .backlog = 77});
  const UniqueFd bound = open_socket({.port = tcp, .listening = false});
  const UniqueFd plain = open_socket({.type = SOCK_DGRAM, .port = udp});
  const UniqueFd connected = open_socket({.type = SOCK_DGRAM, .port = udp});
  const Endpoint peer(AF_INET, "127.0.0.1", 9);
  must(::connect(connected.get(), peer.get(), peer.size), "connect");
  view.refresh();

  for (const UniqueFd* fd : {&v4, &v4_twin, &v6, &dual, &mapped, &wild, &bound, &plain, &connected}) {
    const SocketRow& row = view.row(*fd);
    CHECK(row.inode == inode_of(fd->get()));
    CHECK(row.uid == ::geteuid());
    CHECK(row.netns == view.netns);
    CHECK(row.port == port_of(fd->get()));
    CHECK(row.drops == 0);
  }
  CHECK(view.row(v4).state == State::listening);
  CHECK(view.row(v4).queue_limit == 16);
  CHECK(view.row(wild).queue_limit == 77);
  CHECK(view.row(bound).state == State::bound);
  CHECK(view.row(v6).v6only == V6Only::yes);
  CHECK(view.row(dual).v6only == V6Only::no);
  CHECK(view.row(mapped).family == Family::ipv6);
  CHECK(view.row(plain).state == State::unconnected);
  CHECK(view.row(plain).queue_limit != kUnknown);
  CHECK(view.row(connected).state == State::connected);
  CHECK(view.row(connected).remote_port == 9);

  CHECK(view.group(v4).id == view.group(v4_twin).id);
  CHECK(view.group(v4).id == view.group(bound).id);
  CHECK(view.group(v4).sharing == Sharing::reuseport);
  CHECK(view.group(v4).evidence == Evidence::co_listening);
  CHECK(view.group(v4).receiving == 2);
  CHECK(view.group(v4).sockets == 3);
  std::set<std::uint64_t> ids;
  for (const UniqueFd* fd : {&v4, &v6, &dual, &mapped, &wild, &plain}) ids.insert(view.group(*fd).id);
  CHECK(ids.size() == 6);
}

TEST_CASE("queues and drops match what was sent and not received") {
  View view;
  const std::uint16_t port = free_port(SOCK_DGRAM);
  const UniqueFd receiver = open_socket({.type = SOCK_DGRAM, .port = port});
  const int small = 1;  // the kernel raises it to its minimum
  must(::setsockopt(receiver.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), "SO_RCVBUF");
  const UniqueFd sender = open_socket({.type = SOCK_DGRAM});
  const Endpoint to(AF_INET, "127.0.0.1", port);
  view.refresh();
  CHECK(view.row(receiver).queue_length == 0);
  const char text[64] = {};
  for (int i = 0; i < 100; i++) must(::sendto(sender.get(), text, sizeof text, 0, to.get(), to.size), "sendto");
  view.refresh();
  const std::uint32_t drops = view.row(receiver).drops;
  CHECK(view.row(receiver).queue_length > 0);
  CHECK(drops > 0);
  CHECK(drops < 100);
  CHECK(view.row(receiver).drops_delta == drops);
  CHECK(view.group(receiver).drops_delta == drops);
  view.refresh();
  CHECK(view.row(receiver).drops_delta == 0);
  view.refresh(false);
  CHECK(view.row(receiver).drops == kUnknown);
  CHECK(view.row(receiver).queue_limit == kUnknown);

  const std::uint16_t tcp = free_port(SOCK_STREAM);
  const UniqueFd listener = open_socket({.port = tcp});
  const UniqueFd client(must(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const Endpoint server(AF_INET, "127.0.0.1", tcp);
  must(::connect(client.get(), server.get(), server.size), "connect");
  view.refresh();
  CHECK(view.row(listener).queue_length == 1);
}

TEST_CASE("the kernel lookup names the socket that receives, for UDP and TCP") {
  View view;
  for (const std::string address : {"127.0.0.1", "::1"}) {
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      CAPTURE(address);
      CAPTURE(type);
      const int family = family_of(address);
      const std::uint16_t port = free_port(type);
      std::vector<UniqueFd> members;
      for (int i = 0; i < 8; i++) members.push_back(open_socket({.type = type, .address = address, .port = port}));
      std::vector<UniqueFd> kept;  // kept open, so that no two clients have the same port
      kept.reserve(80);
      for (int i = 0; i < 40; i++) {
        const UniqueFd& client = kept.emplace_back(
            open_socket({.type = type, .address = address, .option = SO_REUSEADDR, .listening = false}));
        ProbeTarget target{type == SOCK_DGRAM ? Protocol::udp : Protocol::tcp,
                           family == AF_INET ? Family::ipv4 : Family::ipv6,
                           {},
                           port,
                           0};
        REQUIRE(::inet_pton(family, address.c_str(), target.local_address.data()) == 1);
        const Remote remote{target.local_address, port_of(client.get())};
        const ProbeAnswers answers = view.reader.probe(view.netns, target, std::span(&remote, 1));
        CAPTURE(static_cast<int>(answers.states[0]));
        CAPTURE(answers.errors[0]);
        const Endpoint to(family, address, port);
        must(::connect(client.get(), to.get(), to.size), "connect");
        if (type == SOCK_DGRAM) must(::send(client.get(), "x", 1, 0), "send");
        std::vector<pollfd> polled;
        for (const UniqueFd& member : members) polled.push_back({member.get(), POLLIN, 0});
        REQUIRE(::poll(polled.data(), polled.size(), 10000) == 1);
        for (const pollfd& each : polled) {
          if (each.revents == 0) continue;
          CHECK(answers.cookies[0] == cookie_of(each.fd));
          char byte;
          if (type == SOCK_DGRAM) must(::recv(each.fd, &byte, 1, 0), "recv");
          else kept.emplace_back(must(::accept(each.fd, nullptr, nullptr), "accept"));
        }
        if (type == SOCK_DGRAM) continue;
        // Now a connection has exactly these addresses: it is found first, and not mistaken for a listener.
        const ProbeAnswers later = view.reader.probe(view.netns, target, std::span(&remote, 1));
        CHECK(later.cookies[0] == 0);
        CHECK(later.states[0] == 255);
      }
      const ProbeTarget unserved{
          type == SOCK_DGRAM ? Protocol::udp : Protocol::tcp, Family::ipv4, {127, 0, 0, 1}, 1, 0};
      const Remote remote{{198, 51, 100, 1}, 40000};
      const ProbeAnswers none = view.reader.probe(view.netns, unserved, std::span(&remote, 1));
      CHECK(none.cookies[0] == 0);
      CHECK(none.states[0] == 0);
      CHECK(none.errors[0] == 0);
    }
  }
  CHECK_THROWS_AS(view.reader.probe(1, {}, {}), SystemError);
}

TEST_CASE("options read from the sockets replace the results of the kernel lookup") {
  View view;
  const std::uint16_t port = free_port(SOCK_DGRAM);
  const UniqueFd one = open_socket({.type = SOCK_DGRAM, .port = port}),
                 two = open_socket({.type = SOCK_DGRAM, .port = port});
  view.refresh();
  CHECK(view.group(one).sharing == Sharing::unknown);
  const std::uint64_t cookies[] = {cookie_of(one.get()), cookie_of(two.get())};
  view.reader.apply_options(cookies, {.bits = kOptionsFromLookup | kReuseAddr});
  view.refresh();
  CHECK(view.group(one).sharing == Sharing::reuseaddr);
  CHECK(view.group(one).evidence == Evidence::kernel_lookup);

  view.reader.scan_holders(true);
  view.refresh();
  CHECK(view.row(one).holders == 1);
  const OptionReadResult result = view.reader.read_options(100000, false, 0);
  CHECK(result.read >= 2);
  view.refresh();
  CHECK(view.group(one).sharing == Sharing::reuseport);
  CHECK(view.group(one).evidence == Evidence::socket_option);
  view.reader.apply_options(cookies, {.bits = kOptionsFromLookup | kReuseAddr});
  view.refresh();
  CHECK(view.group(one).sharing == Sharing::reuseport);
}

TEST_CASE(
    "a socket that replaced another one in a descriptor gets its holder soon, not only in its turn of the rotation") {
  rlimit limit{};
  must(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  must(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  // Enough descriptors before it that the rotation takes more scans than this test runs.
  std::vector<UniqueFd> others;
  for (int i = 0; i < 3000; i++) others.emplace_back(must(::dup(STDERR_FILENO), "dup"));
  View view;
  UniqueFd socket = open_socket({});
  const auto look = [&] {
    view.reader.scan_holders(false);
    view.refresh();
  };
  look();
  look();
  look();
  CHECK(view.row(socket).holders == 1);

  socket.reset();
  socket = open_socket({});
  // The first scan is full, the second misses it, and the third searches for it.
  look();
  look();
  look();
  CHECK(view.row(socket).holders == 1);

  // A socket without a visible holder, like this one in a queued message, is searched for only once.
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), "socketpair");
  const UniqueFd in(ends[0]), out(ends[1]);
  pass(out.get(), socket.get());
  const std::uint64_t cookie = cookie_of(socket.get());
  socket.reset();
  // Other processes of the machine may change meanwhile, and are read anew.
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 8; i++) {
    look();
    least = std::min(least, view.reader.scan_holders(false).descriptors_read);
  }
  CHECK(view.sockets.at(cookie).holders == kUnknown);
  CHECK(least < others.size());
}

TEST_CASE("options decide for UDP and for a single TCP listener") {
  View view;
  const std::uint16_t shared = free_port(SOCK_STREAM);
  const UniqueFd one = open_socket({.port = shared}), two = open_socket({.port = shared});
  const UniqueFd bound = open_socket({.port = shared, .listening = false});
  const std::uint16_t own = free_port(SOCK_STREAM);
  const UniqueFd alone = open_socket({.port = own}), bound_beside = open_socket({.port = own, .listening = false});
  const UniqueFd datagrams = open_socket({.type = SOCK_DGRAM, .port = free_port(SOCK_DGRAM)});
  view.reader.scan_holders(true);
  view.refresh();
  const auto known = [&](const UniqueFd& fd) { return (view.row(fd).options & kOptionsFromSocket) != 0; };

  CHECK(view.reader.read_options(100000, true, 0).read >= 2);
  CHECK(view.reader.read_options(100000, true, 0).read >= 2);  // known from the next refresh on
  view.refresh();
  CHECK(known(alone));
  CHECK(known(datagrams));
  CHECK_FALSE(known(one));
  CHECK_FALSE(known(two));
  CHECK_FALSE(known(bound));
  CHECK_FALSE(known(bound_beside));
  CHECK(view.group(alone).sharing == Sharing::reuseport);
  CHECK(view.group(one).evidence == Evidence::co_listening);

  view.reader.read_options(100000, false, 0);
  view.refresh();
  for (const auto* fd : {&one, &two, &bound, &bound_beside}) CHECK(known(*fd));
}

TEST_CASE("SO_INCOMING_CPU is read with the other options, reread for group members in turn, and on request") {
  View view;
  const std::uint16_t port = free_port(SOCK_DGRAM);
  const UniqueFd one = open_socket({.type = SOCK_DGRAM, .port = port}),
                 two = open_socket({.type = SOCK_DGRAM, .port = port});
  const UniqueFd alone = open_socket({.type = SOCK_DGRAM, .port = free_port(SOCK_DGRAM)});
  const auto ask_for_cpu = [](const UniqueFd& fd, int cpu) {
    must(::setsockopt(fd.get(), SOL_SOCKET, SO_INCOMING_CPU, &cpu, sizeof cpu), "setsockopt SO_INCOMING_CPU");
  };
  ask_for_cpu(one, 0);
  view.refresh();
  CHECK(view.row(one).incoming_cpu == kCpuUnknown);

  view.reader.scan_holders(true);
  view.refresh();
  view.reader.read_options(100000, false, 0);
  view.refresh();
  CHECK(view.row(one).incoming_cpu == 0);
  CHECK(view.row(two).incoming_cpu == kCpuNotSet);
  CHECK(view.row(alone).incoming_cpu == kCpuNotSet);

  ask_for_cpu(two, 1);
  ask_for_cpu(alone, 1);
  view.reader.read_options(100000, false, 0);
  view.refresh();
  CHECK(view.row(two).incoming_cpu == kCpuNotSet);
  CHECK(view.reader.read_options(100000, false, 100000).read == 0);
  view.refresh();
  CHECK(view.row(two).incoming_cpu == 1);
  CHECK(view.row(two).changed == view.result.refresh);
  CHECK(view.row(alone).incoming_cpu == kCpuNotSet);

  const std::vector<std::uint64_t> cookies{cookie_of(alone.get()), 1, cookie_of(one.get())};
  CHECK(view.reader.read_incoming_cpus(cookies) == std::vector<std::uint16_t>{1, kCpuUnknown, 0});
}

TEST_CASE("interfaces are those of the machine, reported once, and not of a closed namespace") {
  Reader reader;
  const std::uint32_t inode = reader.open_namespace(std::nullopt);
  const auto found = reader.read_interfaces(inode);
  REQUIRE(found);
  std::map<std::uint32_t, std::string> read, expected;
  for (const auto& [index, name] : found->links) read.emplace(index, name);
  struct if_nameindex* const names = ::if_nameindex();
  for (const struct if_nameindex* each = names; each->if_index != 0; each++)
    expected.emplace(each->if_index, each->if_name);
  ::if_freenameindex(names);
  CHECK(read == expected);
  CHECK_FALSE(reader.read_interfaces(inode));

  reader.close_namespace(inode);
  CHECK_THROWS_AS(reader.read_interfaces(inode), const SystemError&);
}

TEST_CASE("closing a namespace removes its sockets, and opening it brings them back") {
  View view;
  const UniqueFd socket = open_socket({});
  view.refresh();
  const std::uint64_t cookie = cookie_of(socket.get());
  CHECK(view.sockets.contains(cookie));
  CHECK(view.reader.open_namespace(std::nullopt) == view.netns);
  view.reader.close_namespace(12345);
  view.reader.close_namespace(view.netns);
  view.refresh();
  CHECK(view.sockets.empty());
  CHECK(view.groups.empty());
  CHECK(std::count(view.result.removed.sockets.begin(), view.result.removed.sockets.end(), cookie) == 1);
  CHECK_THROWS_AS(view.reader.descriptor_of(view.netns), SystemError);
  view.reader.open_namespace(std::nullopt);
  view.refresh();
  CHECK(view.sockets.contains(cookie));
}

TEST_CASE("bound sockets that are not requested stay unchanged until one listens or a listener is removed") {
  View view;
  const std::uint16_t port = free_port(SOCK_STREAM);
  const UniqueFd listening = open_socket({.port = port});
  const UniqueFd bound = open_socket({.port = port, .listening = false});
  UniqueFd other = open_socket({.port = port, .listening = false});
  const std::uint64_t other_cookie = cookie_of(other.get());
  // Other sockets may appear and disappear in this namespace meanwhile.
  const auto settle = [&] {
    while (view.result.passes != 3) view.refresh(true, false);
  };
  view.refresh();
  settle();
  CHECK(view.row(bound).state == State::bound);

  must(::listen(bound.get(), 16), "listen");
  view.refresh(true, false);
  CHECK(view.row(bound).state == State::listening);
  settle();

  must(::shutdown(listening.get(), SHUT_RD), "shutdown");
  view.refresh(true, false);
  CHECK(view.row(listening).state == State::bound);
  const auto& removed = view.result.removed.sockets;
  CHECK(std::ranges::find(removed, cookie_of(listening.get())) == removed.end());

  other.reset();
  view.refresh();
  for (int pass = 1; pass < SocketTable::kRemoveBoundAfter; pass++) view.refresh(true, false);
  CHECK_FALSE(view.sockets.contains(other_cookie));
}

TEST_CASE("under churn: no duplicates, no open socket removed, no stable member missing") {
  for (const Wanted& wanted : {Wanted{}, Wanted{.address = "::1"}, Wanted{.type = SOCK_DGRAM}}) {
    Wanted member = wanted;
    member.port = free_port(wanted.type);
    std::vector<UniqueFd> fds;
    std::set<std::uint64_t> stable;
    for (int i = 0; i < 1500; i++) {
      fds.push_back(open_socket(member));
      if (i % 10 != 0) stable.insert(cookie_of(fds.back().get()));
    }
    std::atomic<bool> stop = false;
    std::thread churn([&] {
      for (std::size_t i = 0; !stop; i = (i + 370) % fds.size()) {
        fds[i].reset();
        fds[i] = open_socket(member);
        ::sched_yield();
      }
    });
    View view;
    std::set<std::uint64_t> removed;
    for (int round = 0; round < 60; round++) {
      view.refresh(round % 2 == 0, round % 5 == 0);
      for (const std::uint64_t cookie : view.result.removed.sockets) {
        CHECK_FALSE(stable.contains(cookie));
        CHECK(removed.insert(cookie).second);
      }
      std::size_t found = 0;
      for (const auto& [cookie, row] : view.sockets) {
        found += stable.contains(cookie);
        CHECK_FALSE(removed.contains(cookie));
      }
      CHECK(found == stable.size());
    }
    stop = true;
    churn.join();
    // Afterwards the frame is exact, at the latest when no socket is in doubt any more.
    for (int round = 0; round < SocketTable::kRemoveAfter; round++) view.refresh();
    std::set<std::uint64_t> there;
    for (const UniqueFd& fd : fds) there.insert(cookie_of(fd.get()));
    std::set<std::uint64_t> shown;
    for (const auto& [cookie, row] : view.sockets)
      if (row.port == member.port) shown.insert(cookie);
    CHECK(shown == there);
  }
}
