#include "supervisor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base64.h"
#include "common/json.h"
#include "common/system_error.h"
#include "own_namespace.h"
#include "status.h"

namespace reuseport::lab {
namespace {

std::string error_json(const LabError& error) {
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

std::string Supervisor::reply_to(std::string_view line) {
  try {
    return std::visit([this](const auto& request) { return handle(request); }, parse_request(line));
  } catch (const LabError& error) {
    return error_json(error);
  } catch (const SystemError& error) {
    return error_json(LabError("kernel-lookup", error.error, error.operation));
  }
}

Lab& Supervisor::lab(const char* verb) const {
  if (!lab_) throw LabError(verb, ENOTCONN, "no lab is running");
  return *lab_;
}

std::string Supervisor::handle(const ListenPlan& plan) {
  if (lab_) throw LabError("listen", EALREADY);
  if (plan.own_namespace && !own_namespace_) {
    enter_own_namespace(plan.migrate_requests);
    own_namespace_ = true;
  }
  netns_ = network_namespace();
  lab_ = std::make_unique<Lab>(plan);
  started_at_ = std::chrono::system_clock::now();
  // If this process is blocked past its deadline, by a client that does not read replies, the kernel kills it.
  ::alarm(plan.seconds + 5);
  deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(plan.seconds);
  return handle(StatusRequest{});
}

std::string Supervisor::handle(const StatusRequest&) const {
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

std::string Supervisor::handle(const AddRequest& request) {
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

std::string Supervisor::describe(const Subject& subject) const {
  Json json;
  json.open('{').key(subject.worker ? "worker" : "member");
  if (subject.worker) write_worker(json, *lab_, subject.index);
  else write_member(json, *lab_, subject.index);
  return json.close('}').text();
}

std::string Supervisor::handle(const StallRequest& request) {
  lab("stall").stall(request);
  return describe(request);
}

std::string Supervisor::handle(const ResumeRequest& request) {
  lab("resume").resume(request);
  return describe(request);
}

std::string Supervisor::handle(const SpareRequest& request) {
  lab("spare").spare(request.index);
  return describe(request);
}

std::string Supervisor::handle(const CloseRequest& request) {
  // Once the last member is closed, the port can be taken by another program.
  if (traffic_ && lab("close").no_members_left(request.index)) traffic_->stop();
  lab("close").close(request.index);
  return describe(request);
}

std::string Supervisor::traffic_json() const {
  Json json;
  json.open('{').key("traffic");
  write_traffic(json, *traffic_);
  return json.close('}').text();
}

std::string Supervisor::handle(const TrafficPlan& plan) {
  const Lab& target = lab("traffic");
  if (traffic_ && traffic_->running()) throw LabError("traffic", EALREADY);
  traffic_ = std::make_unique<Traffic>(plan, target);
  return traffic_json();
}

std::string Supervisor::handle(const TrafficStopRequest&) {
  if (!traffic_) throw LabError("traffic-stop", ENOENT);
  traffic_->stop();
  return traffic_json();
}

std::string Supervisor::handle(const LatenciesRequest& request) const {
  if (!traffic_) throw LabError("latencies", ENOENT);
  const auto chunk = traffic_->latencies(request.from);
  Json json;
  json.open('{')
      .field("from", request.from)
      .field("next", request.from + chunk.size())
      .field("data", base64(std::as_bytes(std::span(chunk))))
      .close('}');
  return json.text();
}

std::string Supervisor::handle(const StopRequest&) {
  stopped_ = true;
  if (!lab_) return "{}";
  if (traffic_) traffic_->stop();
  std::string last = handle(StatusRequest{});
  end();
  return last;
}

void Supervisor::reap_children() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (!(traffic_ && traffic_->process_ended(pid, status)) && lab_) lab_->process_ended(pid);
  if (traffic_ && lab_ && lab_->no_members_left()) traffic_->kill();
  if (lab_ && lab_->live_pids().empty() && !stopped_) reason_ = "all processes of the lab have ended";
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

bool Supervisor::finished() const {
  return stopped_ || !reason_.empty() || (lab_ && std::chrono::steady_clock::now() >= deadline_);
}

void Supervisor::end() {
  traffic_.reset();
  lab_.reset();
}

}  // namespace reuseport::lab
