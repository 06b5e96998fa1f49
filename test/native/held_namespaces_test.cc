#include "common/held_namespaces.h"

#include <doctest/doctest.h>
#include <sched.h>

#include <algorithm>

#include "addon/holder_scan.h"
#include "common/system_error.h"
#include "support/child.h"
#include "support/socket_holder.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

constexpr std::uint32_t kAll = 100'000;

std::uint32_t own_namespace() {
  const UniqueFd own(must(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "open"));
  return inode_of(own.get());
}

// The socket through which a search found a namespace other than this one; nothing if there is none.
const HeldNamespace* elsewhere(const HeldNamespaceSearch& search, std::uint32_t pid) {
  const auto found = std::ranges::find_if(
      search.found, [&](const HeldNamespace& each) { return each.socket.pid == pid && each.netns != own_namespace(); });
  return found == search.found.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a namespace is found through an internet socket in it, and entered" * doctest::skip(!is_root())) {
  SocketHolder holder([] { must(::unshare(CLONE_NEWNET), "unshare"); });
  HolderScanner scanner;
  HeldNamespaces namespaces;
  holder.open(AF_UNIX, SOCK_DGRAM);
  holder.open(AF_NETLINK, SOCK_RAW);
  CHECK(elsewhere(namespaces.search(scanner.scan(true).index, {}, kAll), holder.pid()) == nullptr);

  const Held held = holder.open(AF_INET, SOCK_STREAM);
  const auto* found = elsewhere(namespaces.search(scanner.scan(true).index, {}, kAll), holder.pid());
  REQUIRE(found);
  CHECK(found->socket.inode == held.inode);
  CHECK(inode_of(open_namespace_of(found->socket).get()) == found->netns);

  const SocketRef other{found->socket.pid, found->socket.fd, found->socket.inode + 1};
  CHECK_THROWS_AS(open_namespace_of(other), SystemError);
  holder.close(held.fd);
  CHECK(elsewhere(namespaces.search(scanner.scan(true).index, {}, kAll), holder.pid()) == nullptr);
}

TEST_CASE("a socket known from a dump is not resolved, and counts for the dump's namespace") {
  SocketHolder holder;
  const Held held = holder.open();
  HolderScanner scanner;
  HeldNamespaces namespaces;
  const auto& search = namespaces.search(scanner.scan(true).index, {{held.inode, 4711}}, kAll);
  const auto found = std::ranges::find(search.found, 4711u, &HeldNamespace::netns);
  REQUIRE(found != search.found.end());
  CHECK(found->socket.inode == held.inode);
}

TEST_CASE("a search respects its limit, and the next one continues" * doctest::skip(!is_root())) {
  SocketHolder crowd, holder([] { must(::unshare(CLONE_NEWNET), "unshare"); });
  for (int count = 0; count < 200; ++count) crowd.open();
  holder.open();
  HolderScanner scanner;
  const auto index = scanner.scan(true).index;
  HeldNamespaces namespaces;
  // The first socket of every process comes before the second of any.
  const auto processes = static_cast<std::uint32_t>(index->processes.size());
  CHECK(elsewhere(namespaces.search(index, {}, processes), holder.pid()) != nullptr);
  CHECK(namespaces.is_due(index));
  std::uint32_t before = namespaces.search(index, {}, 0).remaining;
  CHECK(before > 0);
  // As many rounds as the sockets of the whole machine take.
  while (before > 0) {
    const std::uint32_t left = namespaces.search(index, {}, 50).remaining;
    REQUIRE(left == before - std::min(before, 50u));
    before = left;
  }
  CHECK(!namespaces.is_due(index));
}
