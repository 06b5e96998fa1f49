#include "common/kernel_lookup.h"

#include <doctest/doctest.h>

#include "support/fake_transport.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

struct World {
  std::shared_ptr<FakeTransport::Script> script = std::make_shared<FakeTransport::Script>();
  KernelLookup lookup{std::make_unique<FakeTransport>(script)};
  ProbeTarget target{Protocol::tcp, Family::ipv4, {127, 0, 0, 1}, 80, 0};
  std::vector<Remote> remotes;

  explicit World(std::size_t count) {
    for (std::size_t i = 0; i < count; i++) remotes.push_back({{198, 51, 100, 1}, static_cast<std::uint16_t>(i + 1)});
  }

  void answer(const nlmsghdr& request, const DiagSocket& socket) {
    script->deliveries.push_back({socket.bytes(request.nlmsg_seq)});
  }
  void refuse(const nlmsghdr& request, int error) {
    Buffer payload = number(-error);
    payload.resize(20);
    script->deliveries.push_back({message(NLMSG_ERROR, payload, request.nlmsg_seq)});
  }
  static std::uint16_t client(Bytes request) { return ntohs(read_as<inet_diag_req_v2>(request).id.idiag_dport); }
};

}  // namespace

TEST_CASE("each remote gets the reply to its own probe") {
  World world(1000);
  world.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    world.answer(request, {.cookie = 5000u + World::client(payload)});
  };
  const ProbeAnswers answers = world.lookup.probe(world.target, world.remotes);
  REQUIRE(answers.cookies.size() == 1000);
  for (std::size_t i = 0; i < 1000; i++) {
    CHECK(answers.cookies[i] == 5001 + i);
    CHECK(answers.states[i] == static_cast<std::uint8_t>(State::listening));
    CHECK(answers.errors[i] == 0);
  }
  CHECK(world.script->requests.size() < 20);  // in batches
}

TEST_CASE("no listener, a connection and a refusal are distinguished") {
  World world(3);
  world.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    if (World::client(payload) == 1) world.refuse(request, ENOENT);
    if (World::client(payload) == 2) world.answer(request, {.cookie = 9, .state = 1});
    if (World::client(payload) == 3) world.refuse(request, EINVAL);
  };
  const ProbeAnswers answers = world.lookup.probe(world.target, world.remotes);
  CHECK(answers.cookies == std::vector<std::uint64_t>{0, 0, 0});
  CHECK(answers.states == std::vector<std::uint8_t>{0, 255, 0});
  CHECK(answers.errors == std::vector<std::int32_t>{0, 0, EINVAL});
}

TEST_CASE("probes whose replies were lost are retried") {
  World world(500);
  std::size_t in_datagram = 0;
  world.script->before_receive = [&](FakeTransport::Script&) { in_datagram = 0; };
  world.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    if (in_datagram++ >= 10) return;  // the receive buffer is full
    world.answer(request, {.cookie = 5000u + World::client(payload)});
  };
  const ProbeAnswers answers = world.lookup.probe(world.target, world.remotes);
  for (std::size_t i = 0; i < 500; i++) CHECK(answers.cookies[i] == 5001 + i);
}

TEST_CASE("a probe without a reply is reported") {
  World world(2);
  world.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    if (World::client(payload) == 2) world.answer(request, {.cookie = 7});
  };
  const ProbeAnswers answers = world.lookup.probe(world.target, world.remotes);
  CHECK(answers.errors == std::vector<std::int32_t>{ENOBUFS, 0});
  CHECK(answers.cookies == std::vector<std::uint64_t>{0, 7});
}

TEST_CASE("no remotes, no requests") {
  World world(0);
  CHECK(world.lookup.probe(world.target, world.remotes).cookies.empty());
  CHECK(world.script->requests.empty());
}
