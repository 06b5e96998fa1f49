#include "lab.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "endpoint.h"
#include "steering.h"

namespace reuseport::lab {
namespace {

// Room for members that are added later.
constexpr std::size_t kMostWorkers = 8192;
// Descriptors that a process has beside its workers'.
constexpr rlim_t kSpareDescriptors = 64;
// How often a blocking worker comes back to see what it was told.
constexpr timeval kBlockingTimeout{.tv_sec = 0, .tv_usec = 50'000};

void require_descriptors(unsigned workers, unsigned each) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = kSpareDescriptors + rlim_t{workers} * each;
  if (needed > limit.rlim_cur)
    throw LabError("getrlimit", EMFILE, std::to_string(needed) + " of " + std::to_string(limit.rlim_cur));
}

unsigned share_of(unsigned all, unsigned processes, unsigned process) {
  return all / processes + (process < all % processes ? 1 : 0);
}

void make_blocking(int listener) {
  ::fcntl(listener, F_SETFL, ::fcntl(listener, F_GETFL) & ~O_NONBLOCK);
  ::setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &kBlockingTimeout, sizeof kBlockingTimeout);
}

}  // namespace

Lab::Lab(const ListenPlan& plan) : plan_(plan), counts_(kMostWorkers), port_(plan.port) {
  try {
    start();
  } catch (...) {
    end();
    throw;
  }
}

Lab::~Lab() { end(); }

void Lab::start() {
  Endpoint::parse(plan_.address, plan_.port);  // refused before anything begins
  switch (plan_.taking) {
    case Taking::reuseport:
      return start_reuseport();
    case Taking::shared:
      return start_shared();
    case Taking::dispatcher:
      return start_dispatcher();
  }
}

void Lab::start_reuseport() {
  const unsigned processes = std::min(plan_.processes, plan_.listeners);
  require_descriptors(share_of(plan_.listeners, processes, 0), 2);  // a socket and its loop
  for (unsigned i = 0; i < processes; i++) start_process(process_plan());
  for (unsigned i = 0; i < plan_.listeners; i++)
    open_member(i, i % processes, {.reuseport = plan_.reuseport, .reuseaddr = plan_.reuseaddr});
  steer();
}

void Lab::start_shared() {
  const unsigned processes = std::min(plan_.processes, plan_.listeners);
  require_descriptors(share_of(plan_.listeners, processes, 0), 1);
  const UniqueFd listener = open_listener(plan_, Endpoint::parse(plan_.address, plan_.port), 0,
                                          {.reuseport = plan_.reuseport, .reuseaddr = plan_.reuseaddr});
  if (plan_.waiting == Waiting::accept) make_blocking(listener.get());
  members_.push_back({.facts = facts_of(listener.get()), .process = 0});
  port_ = members_[0].facts.port;
  for (unsigned i = 0; i < processes; i++) {
    auto what = process_plan();
    what.shared_listener = listener.get();
    what.sharers = share_of(plan_.listeners, processes, i);
    start_process(what);
  }
  for (unsigned i = 0; i < plan_.listeners; i++) {
    processes_[i % processes].give({.kind = Order::Kind::share, .index = i});
    workers_.push_back({.member = 0, .process = i % processes});
  }
}

void Lab::start_dispatcher() {
  const unsigned processes = std::min(plan_.processes, plan_.listeners);
  require_descriptors(plan_.listeners, 3);  // both ends of each way, for a moment, and a loop
  const UniqueFd listener = open_listener(plan_, Endpoint::parse(plan_.address, plan_.port), 0,
                                          {.reuseport = plan_.reuseport, .reuseaddr = plan_.reuseaddr});
  members_.push_back({.facts = facts_of(listener.get()), .process = 0});
  port_ = members_[0].facts.port;
  std::vector<Handover> handovers;
  for (unsigned i = 0; i < plan_.listeners; i++) handovers.push_back(make_handover(i % processes == 0));
  for (unsigned process = 0; process < processes; process++) {
    auto what = process_plan();
    for (unsigned i = process; i < plan_.listeners; i += processes)
      what.handed.push_back({.worker = i, .fd = handovers[i].worker.get()});
    if (process == 0) {
      what.shared_listener = listener.get();
      what.sharers = 1;
      for (const Handover& handover : handovers) what.handing.push_back(handover.dispatcher.get());
    }
    start_process(what);
  }
  for (unsigned i = 0; i < plan_.listeners; i++) {
    processes_[i % processes].give({.kind = Order::Kind::take_over, .index = i});
    workers_.push_back({.member = 0, .process = i % processes});
  }
  processes_[0].give({.kind = Order::Kind::dispatch});
}

std::size_t Lab::start_process(const WorkerProcessPlan& what) {
  processes_.push_back(start_worker_process(what));
  pids_.push_back(processes_.back().pid);
  return processes_.size() - 1;
}

void Lab::open_member(unsigned index, std::size_t process, MemberSharing sharing) {
  const MemberFacts facts =
      processes_[process].give({.kind = Order::Kind::open, .index = index, .port = port_, .sharing = sharing});
  port_ = facts.port;
  members_.push_back({.facts = facts, .process = process});
  workers_.push_back({.member = index, .process = process});
  processes_[process].workers++;
  group_.push_back(index);
}

// The one with the fewest workers, or for another user a new one.
std::size_t Lab::process_for(const AddRequest& request) {
  if (request.credentials.uid) {
    auto what = process_plan();
    what.credentials = request.credentials;
    const std::size_t process = start_process(what);
    processes_[process].own_credentials = true;
    return process;
  }
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < processes_.size(); i++) {
    if (processes_[i].pid < 0 || processes_[i].own_credentials) continue;
    if (!best || processes_[i].workers < processes_[*best].workers) best = i;
  }
  return best ? *best : start_process(process_plan());
}

void Lab::add(const AddRequest& request) {
  if (plan_.taking != Taking::reuseport) throw LabError("add", EINVAL, "taking");
  if (workers_.size() == kMostWorkers) throw LabError("add", ENOSPC, std::to_string(kMostWorkers) + " members");
  const std::size_t before = processes_.size();
  const std::size_t process = process_for(request);
  try {
    open_member(static_cast<unsigned>(members_.size()), process,
                {.reuseport = request.reuseport.value_or(plan_.reuseport),
                 .reuseaddr = request.reuseaddr.value_or(plan_.reuseaddr)});
  } catch (const LabError&) {
    if (processes_.size() > before) {
      ::kill(processes_.back().pid, SIGKILL);
      ::waitpid(processes_.back().pid, nullptr, 0);
      processes_.pop_back();
      pids_.pop_back();
    }
    throw;
  }
  steer();
}

void Lab::require_working(const Member& member) const {
  if (member.state == MemberState::closed || member.state == MemberState::failed) throw LabError("member", ESRCH);
}

void Lab::order(const Subject& subject, Order::Kind kind, MemberState state) {
  if (subject.index >= (subject.worker ? workers_.size() : members_.size()))
    throw LabError("member", ENOENT, std::to_string(subject.index + 1));
  Member& member = members_[subject.worker ? workers_[subject.index].member : subject.index];
  require_working(member);
  if (subject.worker) {
    processes_[workers_[subject.index].process].give({.kind = kind, .index = subject.index});
    if (plan_.taking == Taking::reuseport) member.state = state;
    return;
  }
  // What takes from a dispatcher's listener is the dispatcher alone.
  if (plan_.taking == Taking::dispatcher) processes_[0].give({.kind = kind, .index = kDispatcher});
  else
    for (unsigned i = 0; i < workers_.size(); i++)
      if (workers_[i].member == subject.index && processes_[workers_[i].process].pid >= 0)
        processes_[workers_[i].process].give({.kind = kind, .index = i});
  member.state = state;
}

void Lab::stall(const Subject& subject) { order(subject, Order::Kind::rest, MemberState::stalled); }
void Lab::resume(const Subject& subject) { order(subject, Order::Kind::resume, MemberState::working); }
void Lab::close(unsigned member) {
  order({.index = member}, Order::Kind::close, MemberState::closed);
  leave_group(member);
  steer();
}

// The kernel moves the last of its array into the hole (__reuseport_detach_sock() in net/core/sock_reuseport.c).
void Lab::leave_group(unsigned member) {
  const auto place = std::ranges::find(group_, member);
  if (place == group_.end()) return;
  *place = group_.back();
  group_.pop_back();
}

void Lab::steer() {
  if (plan_.steering == Steering::hash || group_.empty()) return;
  const auto place = std::ranges::find(group_, plan_.steered_to) - group_.begin();
  const Order order{.kind = Order::Kind::steer,
                    .members = static_cast<unsigned>(group_.size()),
                    .steered_to = static_cast<unsigned>(place)};
  processes_[members_[group_.front()].process].give(order);
}

bool Lab::process_ended(pid_t pid) {
  const auto ended = std::ranges::find(processes_, pid, &WorkerProcess::pid);
  if (ended == processes_.end()) return false;
  ended->pid = -1;
  ended->orders = {};
  const auto number = static_cast<std::size_t>(ended - processes_.begin());
  for (unsigned i = 0; i < members_.size(); i++) {
    if (members_[i].process != number || members_[i].state == MemberState::closed) continue;
    // A shared listener lives on in the processes that are left.
    const auto left = std::ranges::find_if(processes_, [](const WorkerProcess& process) { return process.pid >= 0; });
    if (plan_.taking == Taking::shared && left != processes_.end()) {
      members_[i].process = static_cast<std::size_t>(left - processes_.begin());
      continue;
    }
    members_[i].state = MemberState::failed;
    leave_group(i);
  }
  try {
    steer();
  } catch (const LabError&) {
    // Another one is ending too: its own turn comes.
  }
  return true;
}

std::vector<pid_t> Lab::living() const {
  std::vector<pid_t> pids;
  for (const WorkerProcess& process : processes_)
    if (process.pid >= 0) pids.push_back(process.pid);
  return pids;
}

bool Lab::without_members(std::optional<unsigned> closing) const {
  for (unsigned i = 0; i < members_.size(); i++) {
    const MemberState state = members_[i].state;
    if (i != closing && state != MemberState::closed && state != MemberState::failed) return false;
  }
  return true;
}

void Lab::end() {
  for (const WorkerProcess& process : processes_)
    if (process.pid >= 0) ::kill(process.pid, SIGKILL);
  for (WorkerProcess& process : processes_)
    if (process.pid >= 0) ::waitpid(process.pid, nullptr, 0);
  processes_.clear();
}

}  // namespace reuseport::lab
