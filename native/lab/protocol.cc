#include "protocol.h"

#include <sched.h>

#include <cerrno>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace reuseport::lab {
namespace {

// The limits of electron/contract/lab.ts, so that no other client can exceed them.
constexpr unsigned kMaxListeners = 4096;
constexpr unsigned kMaxProcesses = 64;
constexpr unsigned kMaxSeconds = 2 * 60 * 60;
constexpr std::uint32_t kMaxCount = 10'000'000;
constexpr unsigned kHour = 60 * 60;
constexpr auto kMaxId = std::numeric_limits<std::uint32_t>::max() - 1;  // -1 is not a uid

// The `key=value` fields of one request. Every key must be read by name; require_all_used() refuses the rest.
class RequestFields {
 public:
  explicit RequestFields(std::string_view line) {
    verb_ = word(line);
    while (!line.empty()) {
      const std::string_view pair = word(line);
      if (pair.empty()) continue;
      const auto equals = pair.find('=');
      if (equals == 0 || equals == std::string_view::npos) refuse(std::string(pair));
      if (!values_.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) refuse(pair.substr(0, equals));
    }
  }

  std::string_view verb() const { return verb_; }

  [[noreturn]] void refuse(std::string_view key) const { throw LabError(verb_, EINVAL, std::string(key)); }

  void require_all_used() const {
    for (const auto& [key, value] : values_)
      if (!used_.contains(key)) refuse(key);
  }

  std::optional<std::string_view> text(std::string_view key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return {};
    used_.insert(key);
    return found->second;
  }

  template <typename Number>
  std::optional<Number> number(std::string_view key, Number min, Number max) {
    const auto value = text(key);
    if (!value) return {};
    Number number{};
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    // Negated, so that a NaN is refused too.
    if (error != std::errc{} || end != value->data() + value->size() || !(number >= min && number <= max)) refuse(key);
    return number;
  }

  std::optional<bool> flag(std::string_view key) {
    const auto value = number<unsigned>(key, 0, 1);
    if (!value) return {};
    return *value == 1;
  }

  template <typename Choice>
  std::optional<Choice> choice(std::string_view key, std::initializer_list<std::pair<std::string_view, Choice>> names) {
    const auto value = text(key);
    if (!value) return {};
    for (const auto& [name, meaning] : names)
      if (name == *value) return meaning;
    refuse(key);
  }

 private:
  static std::string_view word(std::string_view& line) {
    const auto end = line.find(' ');
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return word;
  }

  std::string verb_;
  std::map<std::string_view, std::string_view> values_;
  std::set<std::string_view> used_;
};

template <typename Value>
void take(Value& into, const std::optional<Value>& value) {
  if (value) into = *value;
}

Credentials credentials_of(RequestFields& fields) {
  return {.uid = fields.number<uid_t>("uid", 0, kMaxId), .gid = fields.number<gid_t>("gid", 0, kMaxId)};
}

ListenPlan listen_plan(RequestFields& fields) {
  ListenPlan plan;
  const auto protocol = fields.choice<Protocol>("protocol", {{"tcp", Protocol::tcp}, {"udp", Protocol::udp}});
  if (!protocol) fields.refuse("protocol");
  plan.protocol = *protocol;
  const auto address = fields.text("address");
  if (!address || address->empty()) fields.refuse("address");
  plan.address = *address;
  take(plan.port, fields.number<std::uint16_t>("port", 0, 65535));
  take(plan.listeners, fields.number<unsigned>("listeners", 1, kMaxListeners));
  take(plan.processes, fields.number<unsigned>("processes", 1, kMaxProcesses));
  plan.credentials = credentials_of(fields);
  take(plan.reuseport, fields.flag("reuseport"));
  take(plan.reuseaddr, fields.flag("reuseaddr"));
  plan.v6only = fields.flag("v6only");
  plan.device = fields.text("device").value_or("");
  take(plan.incoming_cpu, fields.flag("incoming_cpu"));
  take(plan.backlog, fields.number<int>("backlog", 0, 65535));
  plan.receive_buffer = fields.number<int>("rcvbuf", 256, 1'000'000'000);
  take(plan.accept_behavior, fields.choice<AcceptBehavior>("accept_behavior", {{"normal", AcceptBehavior::normal},
                                                                               {"slow", AcceptBehavior::slow},
                                                                               {"never", AcceptBehavior::never}}));
  take(plan.delay_us, fields.number<unsigned>("delay_us", 100, 60'000'000));
  take(plan.accept_model, fields.choice<AcceptModel>("accept_model", {{"reuseport", AcceptModel::reuseport},
                                                                      {"shared", AcceptModel::shared},
                                                                      {"dispatcher", AcceptModel::dispatcher}}));
  take(plan.wait_strategy,
       fields.choice<WaitStrategy>("wait_strategy", {{"accept", WaitStrategy::accept},
                                                     {"epoll", WaitStrategy::epoll},
                                                     {"epoll-exclusive", WaitStrategy::epoll_exclusive}}));
  take(plan.steering, fields.choice<Steering>("steering", {{"hash", Steering::hash},
                                                           {"random", Steering::random},
                                                           {"cpu", Steering::cpu},
                                                           {"source-port", Steering::source_port},
                                                           {"member", Steering::member},
                                                           {"sock-array", Steering::sock_array}}));
  take(plan.steer_to, fields.number<unsigned>("steer_to", 0, kMaxListeners - 1));
  take(plan.seconds, fields.number<unsigned>("seconds", 1, kMaxSeconds));
  take(plan.own_namespace, fields.choice<bool>("namespace", {{"host", false}, {"own", true}}));
  plan.migrate_requests = fields.flag("migrate_req");
  take(plan.reply, fields.choice<Reply>("reply", {{"echo", Reply::echo}, {"dns", Reply::dns}}));

  // Datagrams cannot be handed off: only the one socket could answer them.
  if (plan.accept_model == AcceptModel::dispatcher && plan.protocol == Protocol::udp) fields.refuse("accept_model");
  if (plan.reply == Reply::dns && plan.protocol == Protocol::tcp) fields.refuse("reply");
  // A program selects among the sockets of a group.
  const bool grouped = plan.accept_model == AcceptModel::reuseport && plan.reuseport;
  if (plan.steering != Steering::hash && !grouped) fields.refuse("steering");
  // Only where no other program's connections are affected.
  if (plan.migrate_requests && !plan.own_namespace) fields.refuse("migrate_req");
  return plan;
}

TrafficPlan traffic_plan(RequestFields& fields) {
  TrafficPlan plan;
  take(plan.count, fields.number<std::uint32_t>("count", 1, kMaxCount));
  plan.rate = fields.number<double>("rate", 0.1, 10'000'000);
  take(plan.exchange, fields.choice<Exchange>("exchange", {{"echo", Exchange::echo},
                                                           {"hold", Exchange::hold},
                                                           {"close", Exchange::close},
                                                           {"send", Exchange::send},
                                                           {"dns", Exchange::dns}}));
  take(plan.sources, fields.number<unsigned>("sources", 1, 65'536));
  take(plan.flows, fields.number<unsigned>("flows", 1, 1'000'000));
  take(plan.threads, fields.number<unsigned>("threads", 1, 16));
  take(plan.seconds, fields.number<double>("seconds", 0.1, kHour));
  take(plan.timeout_ms, fields.number<unsigned>("timeout_ms", 1, kHour * 1000));
  plan.cpu = fields.number<unsigned>("cpu", 0, CPU_SETSIZE - 1);
  return plan;
}

Subject subject(RequestFields& fields, bool worker_too) {
  const auto member = fields.number<unsigned>("member", 0, kMaxId);
  const auto worker = worker_too ? fields.number<unsigned>("worker", 0, kMaxId) : std::nullopt;
  if (member.has_value() == worker.has_value()) fields.refuse("member");
  return {.index = member ? *member : *worker, .worker = worker.has_value()};
}

Request request_of(RequestFields& fields) {
  const std::string_view verb = fields.verb();
  if (verb == "listen") return listen_plan(fields);
  if (verb == "status") return StatusRequest{};
  if (verb == "add") {
    const Credentials credentials = credentials_of(fields);
    return AddRequest{credentials, fields.flag("reuseport"), fields.flag("reuseaddr")};
  }
  if (verb == "stall") return StallRequest{subject(fields, true)};
  if (verb == "resume") return ResumeRequest{subject(fields, true)};
  if (verb == "spare") return SpareRequest{subject(fields, false)};
  if (verb == "close") return CloseRequest{subject(fields, false)};
  if (verb == "traffic") return traffic_plan(fields);
  if (verb == "traffic-stop") return TrafficStopRequest{};
  if (verb == "latencies") return LatenciesRequest{fields.number<std::size_t>("from", 0, kMaxCount).value_or(0)};
  if (verb == "stop") return StopRequest{};
  fields.refuse("verb");
}

}  // namespace

LabError::LabError(std::string which_call, int number, std::string where)
    : std::runtime_error(which_call + (where.empty() ? "" : " (" + where + ")") + ": " +
                         std::generic_category().message(number)),
      call(std::move(which_call)),
      error(number),
      at(std::move(where)) {}

Request parse_request(std::string_view line) {
  RequestFields fields(line);
  Request request = request_of(fields);
  fields.require_all_used();
  return request;
}

}  // namespace reuseport::lab
