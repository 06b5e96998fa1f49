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

// The bounds of electron/contract/lab.ts, so that no other caller gets past them either.
constexpr unsigned kMostListeners = 4096;
constexpr unsigned kMostProcesses = 64;
constexpr unsigned kLongestLife = 2 * 60 * 60;
constexpr std::uint32_t kMostCount = 10'000'000;
constexpr unsigned kHour = 60 * 60;
constexpr auto kAnyId = std::numeric_limits<std::uint32_t>::max() - 1;  // -1 is no uid

// The `key=value` words of one request. Every key must be taken by name; end() refuses what nobody took.
class Words {
 public:
  explicit Words(std::string_view line) {
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

  void end() const {
    for (const auto& [key, value] : values_)
      if (!taken_.contains(key)) refuse(key);
  }

  std::optional<std::string_view> text(std::string_view key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return {};
    taken_.insert(key);
    return found->second;
  }

  template <typename Number>
  std::optional<Number> number(std::string_view key, Number least, Number most) {
    const auto value = text(key);
    if (!value) return {};
    Number number{};
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    // Not the other way round, so that a NaN is refused too.
    if (error != std::errc{} || end != value->data() + value->size() || !(number >= least && number <= most))
      refuse(key);
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
  std::set<std::string_view> taken_;
};

template <typename Value>
void take(Value& into, const std::optional<Value>& value) {
  if (value) into = *value;
}

Credentials credentials_of(Words& words) {
  return {.uid = words.number<uid_t>("uid", 0, kAnyId), .gid = words.number<gid_t>("gid", 0, kAnyId)};
}

ListenPlan listen_plan(Words& words) {
  ListenPlan plan;
  const auto protocol = words.choice<Protocol>("protocol", {{"tcp", Protocol::tcp}, {"udp", Protocol::udp}});
  if (!protocol) words.refuse("protocol");
  plan.protocol = *protocol;
  const auto address = words.text("address");
  if (!address || address->empty()) words.refuse("address");
  plan.address = *address;
  take(plan.port, words.number<std::uint16_t>("port", 0, 65535));
  take(plan.listeners, words.number<unsigned>("listeners", 1, kMostListeners));
  take(plan.processes, words.number<unsigned>("processes", 1, kMostProcesses));
  plan.credentials = credentials_of(words);
  take(plan.reuseport, words.flag("reuseport"));
  take(plan.reuseaddr, words.flag("reuseaddr"));
  plan.v6only = words.flag("v6only");
  plan.device = words.text("device").value_or("");
  take(plan.incoming_cpu, words.flag("incoming_cpu"));
  take(plan.backlog, words.number<int>("backlog", 0, 65535));
  plan.receive_buffer = words.number<int>("rcvbuf", 256, 1'000'000'000);
  take(plan.accepting, words.choice<Accepting>("accept", {{"normal", Accepting::normal},
                                                          {"slow", Accepting::slow},
                                                          {"never", Accepting::never}}));
  take(plan.delay_us, words.number<unsigned>("delay_us", 100, 60'000'000));
  take(plan.taking, words.choice<Taking>("taking", {{"reuseport", Taking::reuseport},
                                                    {"shared", Taking::shared},
                                                    {"dispatcher", Taking::dispatcher}}));
  take(plan.waiting, words.choice<Waiting>("waiting", {{"accept", Waiting::accept},
                                                       {"epoll", Waiting::epoll},
                                                       {"epoll-exclusive", Waiting::epoll_exclusive}}));
  take(plan.steering, words.choice<Steering>("steering", {{"hash", Steering::hash},
                                                          {"random", Steering::random},
                                                          {"cpu", Steering::cpu},
                                                          {"source-port", Steering::source_port},
                                                          {"member", Steering::member}}));
  take(plan.steered_to, words.number<unsigned>("steered_to", 0, kMostListeners - 1));
  take(plan.seconds, words.number<unsigned>("seconds", 1, kLongestLife));
  take(plan.own_namespace, words.choice<bool>("namespace", {{"host", false}, {"own", true}}));
  plan.migrate_requests = words.flag("migrate_req");
  take(plan.answer, words.choice<Answer>("answer", {{"echo", Answer::echo}, {"dns", Answer::dns}}));

  // A datagram is not a thing to hand on: there would be nothing left to answer from but the one socket.
  if (plan.taking == Taking::dispatcher && plan.protocol == Protocol::udp) words.refuse("taking");
  if (plan.answer == Answer::dns && plan.protocol == Protocol::tcp) words.refuse("answer");
  // A program chooses among the sockets of a group.
  const bool grouped = plan.taking == Taking::reuseport && plan.reuseport;
  if (plan.steering != Steering::hash && !grouped) words.refuse("steering");
  // Only where nobody else's connections are touched.
  if (plan.migrate_requests && !plan.own_namespace) words.refuse("migrate_req");
  return plan;
}

TrafficPlan traffic_plan(Words& words) {
  TrafficPlan plan;
  take(plan.count, words.number<std::uint32_t>("count", 1, kMostCount));
  plan.rate = words.number<double>("rate", 0.1, 10'000'000);
  take(plan.exchange, words.choice<Exchange>("exchange", {{"echo", Exchange::echo},
                                                          {"hold", Exchange::hold},
                                                          {"close", Exchange::close},
                                                          {"send", Exchange::send},
                                                          {"dns", Exchange::dns}}));
  take(plan.sources, words.number<unsigned>("sources", 1, 65'536));
  take(plan.flows, words.number<unsigned>("flows", 1, 1'000'000));
  take(plan.threads, words.number<unsigned>("threads", 1, 16));
  take(plan.seconds, words.number<double>("seconds", 0.1, kHour));
  take(plan.timeout_ms, words.number<unsigned>("timeout_ms", 1, kHour * 1000));
  plan.cpu = words.number<unsigned>("cpu", 0, CPU_SETSIZE - 1);
  return plan;
}

Subject subject(Words& words, bool worker_too) {
  const auto member = words.number<unsigned>("member", 0, kAnyId);
  const auto worker = worker_too ? words.number<unsigned>("worker", 0, kAnyId) : std::nullopt;
  if (member.has_value() == worker.has_value()) words.refuse("member");
  return {.index = member ? *member : *worker, .worker = worker.has_value()};
}

Request request_of(Words& words) {
  const std::string_view verb = words.verb();
  if (verb == "listen") return listen_plan(words);
  if (verb == "status") return StatusRequest{};
  if (verb == "add") {
    const Credentials credentials = credentials_of(words);
    return AddRequest{credentials, words.flag("reuseport"), words.flag("reuseaddr")};
  }
  if (verb == "stall") return StallRequest{subject(words, true)};
  if (verb == "resume") return ResumeRequest{subject(words, true)};
  if (verb == "close") return CloseRequest{subject(words, false)};
  if (verb == "traffic") return traffic_plan(words);
  if (verb == "traffic-stop") return TrafficStopRequest{};
  if (verb == "latencies") return LatenciesRequest{words.number<std::size_t>("from", 0, kMostCount).value_or(0)};
  if (verb == "stop") return StopRequest{};
  words.refuse("verb");
}

}  // namespace

LabError::LabError(std::string which_call, int number, std::string where)
    : std::runtime_error(which_call + (where.empty() ? "" : " (" + where + ")") + ": " +
                         std::generic_category().message(number)),
      call(std::move(which_call)),
      error(number),
      at(std::move(where)) {}

Request parse_request(std::string_view line) {
  Words words(line);
  Request request = request_of(words);
  words.end();
  return request;
}

}  // namespace reuseport::lab
