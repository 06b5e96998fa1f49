#include "status.h"

#include <unistd.h>

#include <array>
#include <ctime>

#include "endpoint.h"

namespace reuseport::lab {
namespace {

constexpr std::array kAcceptBehaviors{"normal", "slow", "never"};
constexpr std::array kAcceptModels{"reuseport", "shared", "dispatcher"};
constexpr std::array kWaitStrategies{"accept", "epoll", "epoll-exclusive"};
constexpr std::array kSteering{"hash", "random", "cpu", "source-port", "member", "sock-array"};
constexpr std::array kReplies{"echo", "dns"};
constexpr std::array kExchange{"echo", "hold", "close", "send", "dns"};

template <std::size_t size, typename Choice>
const char* name_of(const std::array<const char*, size>& names, Choice choice) {
  return names.at(static_cast<std::size_t>(choice));
}

// 2026-01-31T12:00:00.000Z
std::string iso(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto milliseconds = duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(milliseconds % 1000));
  return text;
}

template <typename Value>
void optional_field(Json& json, const char* name, const std::optional<Value>& value) {
  json.key(name);
  if (value) json.value(*value);
  else json.null();
}

const char* state_of(const Lab& lab, const Member& member) {
  switch (member.state) {
    case MemberState::working:
      return name_of(kAcceptBehaviors, lab.plan().accept_behavior);
    case MemberState::stalled:
      return "stalled";
    case MemberState::closed:
      return "closed";
    case MemberState::failed:
      return "failed";
  }
  return "failed";
}

void write_request(Json& json, const ListenPlan& plan) {
  json.open('{')
      .field("protocol", plan.protocol == Protocol::tcp ? "tcp" : "udp")
      .field("address", plan.address)
      .field("port", plan.port)
      .field("listeners", plan.listeners)
      .field("processes", plan.processes)
      .key("user");
  if (plan.credentials.uid) json.value(std::to_string(*plan.credentials.uid));
  else json.null();
  json.field("reuseport", plan.reuseport).field("reuseaddr", plan.reuseaddr);
  optional_field(json, "v6only", plan.v6only);
  optional_field(json, "interface", plan.device.empty() ? std::nullopt : std::optional<std::string_view>(plan.device));
  json.field("incomingCpu", plan.incoming_cpu).field("backlog", plan.backlog);
  optional_field(json, "receiveBuffer", plan.receive_buffer);
  json.key("acceptBehavior")
      .open('{')
      .field("mode", name_of(kAcceptBehaviors, plan.accept_behavior))
      .field("delayMs", plan.delay_us / 1000.0)
      .close('}')
      .field("acceptModel", name_of(kAcceptModels, plan.accept_model))
      .field("waitStrategy", name_of(kWaitStrategies, plan.wait_strategy))
      .field("steering", name_of(kSteering, plan.steering))
      .field("steerTo", plan.steer_to)
      .field("minutes", plan.seconds / 60.0)
      .field("reply", name_of(kReplies, plan.reply))
      .close('}');
}

template <typename Write>
void write_array(Json& json, const char* name, std::size_t size, Write write) {
  json.key(name).open('[');
  for (unsigned i = 0; i < size; i++) write(i);
  json.close(']');
}

}  // namespace

void write_member(Json& json, const Lab& lab, unsigned index) {
  const Member& member = lab.members().at(index);
  json.open('{')
      .field("index", index)
      .field("cookie", std::to_string(member.facts.cookie))
      .field("inode", member.facts.inode)
      .field("pid", lab.pid_of(member.process))
      .field("uid", member.facts.uid)
      .field("state", state_of(lab, member))
      .close('}');
}

void write_worker(Json& json, const Lab& lab, unsigned index) {
  const Worker& worker = lab.workers().at(index);
  json.open('{')
      .field("index", index)
      .field("pid", lab.pid_of(worker.process))
      .field("member", worker.member)
      .field("received", lab.received(index))
      .close('}');
}

void write_traffic(Json& json, const Traffic& traffic) {
  const TrafficPlan& plan = traffic.plan();
  const TrafficTotals totals = traffic.totals();
  json.open('{').field("pid", traffic.pid()).key("request").open('{').field("count", plan.count);
  optional_field(json, "rate", plan.rate);
  json.field("exchange", name_of(kExchange, plan.exchange))
      .field("sources", plan.sources)
      .field("flows", plan.flows)
      .field("threads", plan.threads)
      .field("seconds", plan.seconds)
      .close('}')
      .field("startedAt", iso(traffic.started_at()))
      .key("endedAt");
  if (traffic.running()) json.null();
  else json.value(iso(traffic.ended_at()));
  json.field("elapsedUs", traffic.elapsed().count())
      .field("sent", totals.sent)
      .field("done", totals.done)
      .field("refused", totals.refused)
      .field("resets", totals.resets)
      .field("timeouts", totals.timeouts)
      .field("otherErrors", totals.other_errors)
      .field("moved", totals.moved)
      .field("samples", traffic.samples())
      .field("failed", traffic.failed())
      .key("foreignSocket");
  if (traffic.foreign_socket()) json.value(std::to_string(*traffic.foreign_socket()));
  else json.null();
  json.close('}');
}

void write_status(Json& json, const LabInfo& info, const Lab& lab, const Traffic* traffic) {
  json.open('{')
      .field("id", info.id)
      .field("address", Endpoint::parse(lab.plan().address, lab.port()).address())
      .field("port", lab.port())
      .field("netns", info.netns)
      .field("ownNamespace", lab.plan().own_namespace)
      .field("supervisor", ::getpid());
  const auto live_pids = lab.live_pids();
  write_array(json, "pids", live_pids.size(), [&](unsigned i) { json.value(live_pids[i]); });
  json.field("startedAt", iso(info.started_at)).field("endsAt", iso(info.ends_at)).key("request");
  write_request(json, lab.plan());
  write_array(json, "members", lab.members().size(), [&](unsigned i) { write_member(json, lab, i); });
  write_array(json, "workers", lab.workers().size(), [&](unsigned i) { write_worker(json, lab, i); });
  json.key("traffic");
  if (traffic) write_traffic(json, *traffic);
  else json.null();
  json.close('}');
}

}  // namespace reuseport::lab
