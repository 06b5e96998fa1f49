#include "oracle.h"

#include <doctest/doctest.h>

#include "support/fake_kernel.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

struct Asked {
  std::shared_ptr<FakeKernel::Script> script = std::make_shared<FakeKernel::Script>();
  Oracle oracle{std::make_unique<FakeKernel>(script)};
  ProbeTarget target{Protocol::tcp, Family::ipv4, {127, 0, 0, 1}, 80, 0};
  std::vector<Remote> remotes;

  explicit Asked(std::size_t count) {
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

TEST_CASE("each remote gets the answer to its own probe") {
  Asked asked(1000);
  asked.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    asked.answer(request, {.cookie = 5000u + Asked::client(payload)});
  };
  const ProbeAnswers answers = asked.oracle.probe(asked.target, asked.remotes);
  REQUIRE(answers.cookies.size() == 1000);
  for (std::size_t i = 0; i < 1000; i++) {
    CHECK(answers.cookies[i] == 5001 + i);
    CHECK(answers.states[i] == static_cast<std::uint8_t>(State::listening));
    CHECK(answers.errors[i] == 0);
  }
  CHECK(asked.script->requests.size() < 20);  // many together
}

TEST_CASE("no listener, a connection, and a refusal are told apart") {
  Asked asked(3);
  asked.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    if (Asked::client(payload) == 1) asked.refuse(request, ENOENT);
    if (Asked::client(payload) == 2) asked.answer(request, {.cookie = 9, .state = 1});
    if (Asked::client(payload) == 3) asked.refuse(request, EINVAL);
  };
  const ProbeAnswers answers = asked.oracle.probe(asked.target, asked.remotes);
  CHECK(answers.cookies == std::vector<std::uint64_t>{0, 0, 0});
  CHECK(answers.states == std::vector<std::uint8_t>{0, 255, 0});
  CHECK(answers.errors == std::vector<std::int32_t>{0, 0, EINVAL});
}

TEST_CASE("probes whose answers were lost are asked again") {
  Asked asked(500);
  std::size_t in_datagram = 0;
  asked.script->before_receive = [&](FakeKernel::Script&) { in_datagram = 0; };
  asked.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    if (in_datagram++ >= 10) return;  // the receive buffer is full
    asked.answer(request, {.cookie = 5000u + Asked::client(payload)});
  };
  const ProbeAnswers answers = asked.oracle.probe(asked.target, asked.remotes);
  for (std::size_t i = 0; i < 500; i++) CHECK(answers.cookies[i] == 5001 + i);
}

TEST_CASE("a probe that is never answered says so") {
  Asked asked(2);
  asked.script->on_request = [&](const nlmsghdr& request, Bytes payload) {
    if (Asked::client(payload) == 2) asked.answer(request, {.cookie = 7});
  };
  const ProbeAnswers answers = asked.oracle.probe(asked.target, asked.remotes);
  CHECK(answers.errors == std::vector<std::int32_t>{ENOBUFS, 0});
  CHECK(answers.cookies == std::vector<std::uint64_t>{0, 7});
}

TEST_CASE("nothing to ask asks nothing") {
  Asked asked(0);
  CHECK(asked.oracle.probe(asked.target, asked.remotes).cookies.empty());
  CHECK(asked.script->requests.empty());
}
