#include "supervisor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base64.h"
#include "json.h"
#include "own_namespace.h"
#include "status.h"
#include "system_error.h"

namespace reuseport::lab {
namespace {

std::string tell_error(const LabError& error) {
  const char* name = ::strerrorname_np(error.error);
  Json json;
  json.open('{')
      .key("error")
      .open('{')
      .field("call", error.call)
      .field("errno", error.error)
      .field("name", name == nullptr ? "" : name)
      .field("at", error.at)
      .close('}')
      .close('}');
  return json.text();
}

}  // namespace

std::string Supervisor::answer(std::string_view line) {
  try {
    return std::visit([this](const auto& request) { return obey(request); }, parse_request(line));
  } catch (const LabError& error) {
    return tell_error(error);
  } catch (const SystemError& error) {
    return tell_error(LabError("oracle", error.error, error.operation));
  }
}

Lab& Supervisor::lab(const char* verb) const {
  if (!lab_) throw LabError(verb, ENOTCONN, "nothing listens yet");
  return *lab_;
}

std::string Supervisor::obey(const ListenPlan& plan) {
  if (lab_) throw LabError("listen", EALREADY);
  if (plan.own_namespace && !own_namespace_) {
    enter_own_namespace(plan.migrate_requests);
    own_namespace_ = true;
  }
  netns_ = network_namespace();
  lab_ = std::make_unique<Lab>(plan);
  started_at_ = std::chrono::system_clock::now();
  // Should this process be held up past its time, by somebody who does not read his answers, the kernel ends it.
  ::alarm(plan.seconds + 5);
  deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(plan.seconds);
  return obey(StatusRequest{});
}

std::string Supervisor::obey(const StatusRequest&) const {
  Json json;
  const Lab& shown = lab("status");
  write_status(json,
               {.id = id_,
                .netns = netns_,
                .started_at = started_at_,
                .ends_at = started_at_ + std::chrono::seconds(shown.plan().seconds)},
               shown, traffic_.get());
  return json.text();
}

std::string Supervisor::obey(const AddRequest& request) {
  Lab& grown = lab("add");
  grown.add(request);
  const auto index = static_cast<unsigned>(grown.members().size()) - 1;
  Json json;
  json.open('{').key("member");
  write_member(json, grown, index);
  json.key("worker");
  write_worker(json, grown, index);
  return json.close('}').text();
}

std::string Supervisor::tell(const Subject& subject) const {
  Json json;
  json.open('{').key(subject.worker ? "worker" : "member");
  if (subject.worker) write_worker(json, *lab_, subject.index);
  else write_member(json, *lab_, subject.index);
  return json.close('}').text();
}

std::string Supervisor::obey(const StallRequest& request) {
  lab("stall").stall(request);
  return tell(request);
}

std::string Supervisor::obey(const ResumeRequest& request) {
  lab("resume").resume(request);
  return tell(request);
}

std::string Supervisor::obey(const CloseRequest& request) {
  // The port may be somebody else's as soon as the last one has left it.
  if (traffic_ && lab("close").without_members(request.index)) traffic_->stop();
  lab("close").close(request.index);
  return tell(request);
}

std::string Supervisor::tell_traffic() const {
  Json json;
  json.open('{').key("traffic");
  write_traffic(json, *traffic_);
  return json.close('}').text();
}

std::string Supervisor::obey(const TrafficPlan& plan) {
  const Lab& target = lab("traffic");
  if (traffic_ && traffic_->running()) throw LabError("traffic", EALREADY);
  traffic_ = std::make_unique<Traffic>(plan, target);
  return tell_traffic();
}

std::string Supervisor::obey(const TrafficStopRequest&) {
  if (!traffic_) throw LabError("traffic-stop", ENOENT);
  traffic_->stop();
  return tell_traffic();
}

std::string Supervisor::obey(const LatenciesRequest& request) const {
  if (!traffic_) throw LabError("latencies", ENOENT);
  const auto piece = traffic_->latencies(request.from);
  Json json;
  json.open('{')
      .field("from", request.from)
      .field("next", request.from + piece.size())
      .field("data", base64(std::as_bytes(std::span(piece))))
      .close('}');
  return json.text();
}

std::string Supervisor::obey(const StopRequest&) {
  stopped_ = true;
  if (!lab_) return "{}";
  if (traffic_) traffic_->stop();
  std::string last = obey(StatusRequest{});
  end();
  return last;
}

void Supervisor::children_ended() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (!(traffic_ && traffic_->process_ended(pid, status)) && lab_) lab_->process_ended(pid);
  if (traffic_ && lab_ && lab_->without_members()) traffic_->kill();
  if (lab_ && lab_->living().empty() && !stopped_) reason_ = "every process of the lab has been ended";
}

void Supervisor::guard_traffic() {
  if (traffic_ && traffic_->running()) traffic_->guard();
}

int Supervisor::milliseconds_left() const {
  if (!lab_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  const int guarded = traffic_ ? traffic_->milliseconds_left() : INT_MAX;
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, guarded));
}

bool Supervisor::over() const {
  return stopped_ || !reason_.empty() || (lab_ && std::chrono::steady_clock::now() >= deadline_);
}

void Supervisor::end() {
  traffic_.reset();
  lab_.reset();
}

}  // namespace reuseport::lab
