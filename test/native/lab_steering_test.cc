#include <doctest/doctest.h>

#include <optional>
#include <set>

#include "lab/steering.h"
#include "support/classic_bpf.h"

using namespace reuseport;
using namespace reuseport::lab;
using namespace reuseport::test;

namespace {

// The start of a packet: its network header, with `options` words of options, and the ports.
BpfWorld ipv4(std::uint16_t port, std::uint8_t option_words = 0) {
  BpfWorld world;
  world.network.assign(20 + option_words * 4u, 0xee);
  world.network[0] = static_cast<std::uint8_t>(0x40 | (5 + option_words));
  for (const int byte : {port >> 8, port & 0xff, 0x1f, 0x90}) world.network.push_back(static_cast<std::uint8_t>(byte));
  return world;
}
BpfWorld ipv6(std::uint16_t port) {
  BpfWorld world;
  world.network.assign(40, 0xee);
  world.network[0] = 0x60;
  for (const int byte : {port >> 8, port & 0xff, 0x1f, 0x90}) world.network.push_back(static_cast<std::uint8_t>(byte));
  return world;
}

}  // namespace

TEST_CASE("steering by source port finds it after any network header") {
  const auto program = steering_program(Steering::source_port, 7, 0);
  for (const unsigned port : {1u, 1024u, 40'001u, 65'535u}) {
    CAPTURE(port);
    CHECK(run_bpf(program, ipv4(static_cast<std::uint16_t>(port))) == port % 7);
    CHECK(run_bpf(program, ipv4(static_cast<std::uint16_t>(port), 10)) == port % 7);
    CHECK(run_bpf(program, ipv6(static_cast<std::uint16_t>(port))) == port % 7);
  }
}

TEST_CASE("steering by CPU and at random stay within the group") {
  for (const std::uint32_t value : {0u, 3u, 4u, 0xffff'ffffu}) {
    CHECK(run_bpf(steering_program(Steering::cpu, 4, 0), {.network = {}, .cpu = value}) == value % 4);
    CHECK(run_bpf(steering_program(Steering::random, 4, 0), {.network = {}, .random = value}) == value % 4);
  }
}

TEST_CASE("all members but one are picked") {
  for (unsigned spared = 0; spared < 4; spared++) {
    std::set<std::optional<std::uint32_t>> picked;
    for (unsigned value = 0; value < 30; value++)
      picked.insert(run_bpf(steering_program(Steering::others, 4, spared), {.network = {}, .random = value}));
    CHECK(picked.size() == 3);
    CHECK_FALSE(picked.contains(spared));
  }
  CHECK(steering_program(Steering::others, 1, 0).empty());
}

TEST_CASE("steering to one member names it") { CHECK(run_bpf(steering_program(Steering::member, 4, 3), {}) == 3); }

TEST_CASE("the hash needs no program, nor does an empty group") {
  CHECK(steering_program(Steering::hash, 4, 0).empty());
  CHECK(steering_program(Steering::random, 0, 0).empty());
}
