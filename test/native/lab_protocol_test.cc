#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "lab/protocol.h"

using namespace reuseport;
using namespace reuseport::lab;

namespace {

template <typename Wanted>
Wanted parsed(std::string_view line) {
  return std::get<Wanted>(parse_request(line));
}

// What a refusal names, after the verb; empty if the line is accepted.
std::string refused(std::string_view line) {
  try {
    parse_request(line);
    return "";
  } catch (const LabError& error) {
    CHECK(error.error == EINVAL);
    CHECK(error.call == line.substr(0, line.find(' ')));
    return error.at;
  }
}

constexpr std::string_view kListen = "listen protocol=tcp address=127.0.0.1";
std::string listen(std::string_view more) { return std::string(kListen) + " " + std::string(more); }

}  // namespace

TEST_CASE("a listen request has defaults, and every key is parsed") {
  const auto plain = parsed<ListenPlan>(kListen);
  CHECK(plain.protocol == Protocol::tcp);
  CHECK(plain.address == "127.0.0.1");
  CHECK(plain.port == 0);
  CHECK(plain.listeners == 4);
  CHECK(plain.processes == 1);
  CHECK(plain.reuseport);
  CHECK(!plain.reuseaddr);
  CHECK(!plain.v6only.has_value());
  CHECK(!plain.receive_buffer.has_value());
  CHECK(!plain.credentials.uid.has_value());

  const auto full = parsed<ListenPlan>(
      "listen protocol=udp address=::1 port=5300 listeners=3 processes=2 uid=65534 gid=7 reuseport=0 reuseaddr=1 "
      "v6only=1 "
      "device=lo incoming_cpu=1 backlog=5 rcvbuf=4096 accept_behavior=slow delay_us=500 accept_model=shared "
      "wait_strategy=epoll-exclusive "
      "steering=hash steer_to=2 seconds=30 namespace=own migrate_req=1 reply=dns");
  CHECK(full.protocol == Protocol::udp);
  CHECK(full.port == 5300);
  CHECK(full.listeners == 3);
  CHECK(full.processes == 2);
  CHECK(full.credentials.uid == 65534u);
  CHECK(full.credentials.gid == 7u);
  CHECK(!full.reuseport);
  CHECK(full.reuseaddr);
  CHECK(full.v6only == true);
  CHECK(full.device == "lo");
  CHECK(full.incoming_cpu);
  CHECK(full.backlog == 5);
  CHECK(full.receive_buffer == 4096);
  CHECK(full.accept_behavior == AcceptBehavior::slow);
  CHECK(full.delay_us == 500);
  CHECK(full.accept_model == AcceptModel::shared);
  CHECK(full.wait_strategy == WaitStrategy::epoll_exclusive);
  CHECK(full.seconds == 30);
  CHECK(full.own_namespace);
  CHECK(full.migrate_requests == true);
  CHECK(full.reply == Reply::dns);
}

TEST_CASE("values out of range are refused by name") {
  for (const auto& [given, key] :
       std::vector<std::pair<std::string, std::string>>{{"port=65536", "port"},
                                                        {"port=-1", "port"},
                                                        {"port=80x", "port"},
                                                        {"port=", "port"},
                                                        {"listeners=0", "listeners"},
                                                        {"listeners=4097", "listeners"},
                                                        {"processes=65", "processes"},
                                                        {"uid=4294967295", "uid"},
                                                        {"reuseport=2", "reuseport"},
                                                        {"accept_behavior=maybe", "accept_behavior"},
                                                        {"seconds=7201", "seconds"},
                                                        {"steering=hash steering=cpu", "steering"},
                                                        {"nonsense=1", "nonsense"},
                                                        {"word", "word"},
                                                        {"=1", "=1"}}) {
    const std::string more = given;
    CHECK_MESSAGE(refused(listen(more)) == key, more);
  }
  CHECK(std::get<ListenPlan>(parse_request(listen("steering=sock-array"))).steering == Steering::sock_array);
  CHECK(refused(listen("steering=sock-array accept_model=shared")) == "steering");
  CHECK(refused("listen address=::1") == "protocol");
  CHECK(refused("listen protocol=tcp") == "address");
  CHECK(refused("traffic count=0") == "count");
  CHECK(refused("traffic count=10000001") == "count");
  CHECK(refused("traffic rate=nan") == "rate");
  CHECK(refused("traffic rate=0") == "rate");
  CHECK(refused("traffic seconds=inf") == "seconds");
  CHECK(refused("traffic address=192.0.2.1") == "address");
  CHECK(refused("fetch x=1") == "verb");
  CHECK(refused("") == "verb");
}

TEST_CASE("incompatible options are refused") {
  CHECK(refused("listen protocol=udp address=::1 accept_model=dispatcher") == "accept_model");
  CHECK(refused(listen("reply=dns")) == "reply");
  CHECK(refused(listen("steering=cpu accept_model=shared")) == "steering");
  CHECK(refused(listen("steering=cpu reuseport=0")) == "steering");
  CHECK(refused(listen("migrate_req=1")) == "migrate_req");
  CHECK(refused(listen("migrate_req=1 namespace=own")).empty());
}

TEST_CASE("the other verbs") {
  const auto traffic = parsed<TrafficPlan>(
      "traffic count=7 rate=2.5 exchange=dns sources=3 flows=9 threads=4 seconds=0.5 timeout_ms=20");
  CHECK(traffic.count == 7);
  CHECK(traffic.rate == 2.5);
  CHECK(traffic.exchange == Exchange::dns);
  CHECK(traffic.sources == 3);
  CHECK(traffic.flows == 9);
  CHECK(traffic.threads == 4);
  CHECK(traffic.seconds == 0.5);
  CHECK(traffic.timeout_ms == 20);
  CHECK(!parsed<TrafficPlan>("traffic").rate.has_value());

  const auto add = parsed<AddRequest>("add uid=1 reuseport=0");
  CHECK(add.credentials.uid == 1u);
  CHECK(add.reuseport == false);
  CHECK(!add.reuseaddr.has_value());

  CHECK(parsed<StallRequest>("stall member=3").index == 3);
  CHECK(parsed<ResumeRequest>("resume worker=2").worker);
  CHECK(parsed<SpareRequest>("spare member=2").index == 2);
  CHECK(parsed<CloseRequest>("close member=1").index == 1);
  CHECK(refused("close worker=1") == "member");
  CHECK(refused("stall") == "member");
  CHECK(refused("stall member=1 worker=1") == "member");
  CHECK(parsed<LatenciesRequest>("latencies from=12").from == 12);
  CHECK(std::holds_alternative<StatusRequest>(parse_request("status")));
  CHECK(std::holds_alternative<TrafficStopRequest>(parse_request("traffic-stop")));
  CHECK(std::holds_alternative<StopRequest>(parse_request("stop")));
  CHECK(refused("stop now=1") == "now");
}
