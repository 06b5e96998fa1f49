// The parts of the lab's traffic that need no socket.
#include <doctest/doctest.h>

#include <string>

#include "common/json.h"
#include "lab/base64.h"
#include "lab/client.h"
#include "lab/pacer.h"
#include "lab/probe.h"

using namespace reuseport::lab;

TEST_CASE("without a rate everything is due at once") {
  const Pacer pacer({}, 10, 1000);
  CHECK(pacer.due(1000) == 10);
  CHECK(pacer.time_of(9) == 1000);
}

TEST_CASE("with a rate each event has its time, and late ones stay due") {
  const Pacer pacer(1000.0, 5, 0);  // one per millisecond
  CHECK(pacer.due(-5) == 1);
  CHECK(pacer.due(0) == 1);
  CHECK(pacer.due(999'999) == 1);
  CHECK(pacer.due(1'000'000) == 2);
  CHECK(pacer.due(1'000'000'000) == 5);
  CHECK(pacer.time_of(1) == 1'000'000);
  for (unsigned number = 0; number < 5; number++) CHECK(pacer.due(pacer.time_of(number)) > number);
}

TEST_CASE("threads share a count, a rate and the sources without a gap") {
  TrafficPlan plan;
  plan.count = 10;
  plan.threads = 4;
  plan.sources = 3;
  const TrafficBoard board(plan);
  const Endpoint target = Endpoint::parse("127.0.0.1", 80);
  std::uint64_t all = 0;
  std::string sources;
  for (unsigned thread = 0; thread < 4; thread++) {
    const ClientContext context(plan, target, board, thread, 100);
    all += context.share;
    sources += context.source(0).address() + " ";
  }
  CHECK(all == 10);
  CHECK(sources == "127.1.0.0 127.1.0.1 127.1.0.2 127.1.0.0 ");
}

TEST_CASE("latencies are rounded up, in order of arrival, and never more than planned") {
  TrafficPlan plan;
  plan.count = 3;
  const TrafficBoard board(plan);
  for (const int nanoseconds : {0, 1001, 5'000'000, 7}) board.record(nanoseconds);
  CHECK(board.latencies[0] == 1);
  CHECK(board.latencies[1] == 2);
  CHECK(board.latencies[2] == 5000);
}

TEST_CASE("sleeping is bounded and rounded up") {
  CHECK(ClientContext::sleep_until(0, 5) == 0);
  CHECK(ClientContext::sleep_until(1, 0) == 1);
  CHECK(ClientContext::sleep_until(1'000'001, 0) == 2);
  CHECK(ClientContext::sleep_until(60'000'000'000, 0) == 20);
}

TEST_CASE("a probe is distinguished from any other datagram") {
  const Probe probe{.kind = Probe::Kind::wants_answer, .sequence = 5, .worker = 6};
  const std::span<const char> bytes(reinterpret_cast<const char*>(&probe), sizeof probe);
  REQUIRE(read_probe(bytes).has_value());
  CHECK(read_probe(bytes)->sequence == 5);
  CHECK(!read_probe(bytes.first(sizeof probe - 1)).has_value());
  CHECK(!read_probe(std::string_view("hello, world")).has_value());
}

TEST_CASE("endpoints are parsed, printed and reachable") {
  CHECK(Endpoint::parse("::1", 443).address() == "::1");
  CHECK(Endpoint::parse("::1", 443).port() == 443);
  CHECK(Endpoint::parse("0.0.0.0", 80).reachable().address() == "127.0.0.1");
  CHECK(Endpoint::parse("::", 80).reachable().address() == "::1");
  CHECK(Endpoint::parse("::", 80).reachable().port() == 80);
  CHECK(Endpoint::parse("127.9.9.9", 80).loopback_ipv4());
  CHECK(!Endpoint::parse("192.0.2.1", 80).loopback_ipv4());
  CHECK(!Endpoint::parse("::1", 80).loopback_ipv4());
  CHECK(Endpoint::parse("127.0.0.1", 80).with_port(81).port() == 81);
  CHECK_THROWS_AS(Endpoint::parse("localhost", 80), LabError);
}

TEST_CASE("base64") {
  const auto encoded = [](std::string_view text) { return base64(std::as_bytes(std::span(text))); };
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foobar") == "Zm9vYmFy");
  CHECK(encoded("\xff\xfe\xfd") == "//79");
}

TEST_CASE("json has correct commas and escapes") {
  reuseport::Json json;
  json.open('{').field("a", 1).field("b", true).key("c").open('[').value(1.5).value("x,:[\"\\\n\x80").close(']');
  json.key("d").null().key("e").open('{').close('}').field("f", "").close('}');
  CHECK(json.text() == R"({"a":1,"b":true,"c":[1.5,"x,:[\"\\\u000a\u0080"],"d":null,"e":{},"f":""})");
}
