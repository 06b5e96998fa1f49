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

// Includes room for members that are added later.
constexpr std::size_t kMaxWorkers = 8192;
// Descriptors of a process besides its workers'.
constexpr rlim_t kSpareDescriptors = 64;
// How often a blocking worker checks its target state.
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

Lab::Lab(const ListenPlan& plan) : plan_(plan), counts_(kMaxWorkers), port_(plan.port) {
  try {
    start();
  } catch (...) {
    end();
    throw;
  }
}

Lab::~Lab() { end(); }

void Lab::start() {
  Endpoint::parse(plan_.address, plan_.port);  // validated before anything starts
  switch (plan_.accept_model) {
    case AcceptModel::reuseport:
      return start_reuseport();
    case AcceptModel::shared:
      return start_shared();
    case AcceptModel::dispatcher:
      return start_dispatcher();
  }
}

void Lab::start_reuseport() {
  const unsigned processes = std::min(plan_.processes, plan_.listeners);
  require_descriptors(share_of(plan_.listeners, processes, 0), 2);  // a socket and its epoll
  if (plan_.steering == Steering::sock_array) {
    // Before the processes, which inherit it.
    sock_array_ = SockArray::load(plan_.listeners);
    keys_.resize(plan_.listeners);
  }
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
  if (plan_.wait_strategy == WaitStrategy::accept) make_blocking(listener.get());
  members_.push_back({.facts = facts_of(listener.get()), .process = 0});
  port_ = members_[0].facts.port;
  for (unsigned i = 0; i < processes; i++) {
    auto what = process_plan();
    what.shared_listener = listener.get();
    what.sharers = share_of(plan_.listeners, processes, i);
    start_process(what);
  }
  for (unsigned i = 0; i < plan_.listeners; i++) {
    processes_[i % processes].execute({.kind = Command::Kind::share, .index = i});
    workers_.push_back({.member = 0, .process = i % processes});
  }
}

void Lab::start_dispatcher() {
  const unsigned processes = std::min(plan_.processes, plan_.listeners);
  require_descriptors(plan_.listeners, 3);  // both ends of each channel, temporarily, and an epoll
  const UniqueFd listener = open_listener(plan_, Endpoint::parse(plan_.address, plan_.port), 0,
                                          {.reuseport = plan_.reuseport, .reuseaddr = plan_.reuseaddr});
  members_.push_back({.facts = facts_of(listener.get()), .process = 0});
  port_ = members_[0].facts.port;
  std::vector<Handoff> handoffs;
  for (unsigned i = 0; i < plan_.listeners; i++) handoffs.push_back(make_handoff(i % processes == 0));
  for (unsigned process = 0; process < processes; process++) {
    auto what = process_plan();
    for (unsigned i = process; i < plan_.listeners; i += processes)
      what.worker_handoffs.push_back({.worker = i, .fd = handoffs[i].worker.get()});
    if (process == 0) {
      what.shared_listener = listener.get();
      what.sharers = 1;
      for (const Handoff& handoff : handoffs) what.dispatcher_handoffs.push_back(handoff.dispatcher.get());
    }
    start_process(what);
  }
  for (unsigned i = 0; i < plan_.listeners; i++) {
    processes_[i % processes].execute({.kind = Command::Kind::receive, .index = i});
    workers_.push_back({.member = 0, .process = i % processes});
  }
  processes_[0].execute({.kind = Command::Kind::dispatch});
}

std::size_t Lab::start_process(const WorkerProcessPlan& what) {
  processes_.push_back(start_worker_process(what));
  pids_.push_back(processes_.back().pid);
  return processes_.size() - 1;
}

void Lab::open_member(unsigned index, std::size_t process, MemberSharing sharing) {
  const MemberFacts facts =
      processes_[process].execute({.kind = Command::Kind::open, .index = index, .port = port_, .sharing = sharing});
  put_in_array(index, process);
  port_ = facts.port;
  members_.push_back({.facts = facts, .process = process});
  workers_.push_back({.member = index, .process = process});
  processes_[process].workers++;
  group_.push_back(index);
}

// Under the first free key, if there is one. Leaves no listener behind where that fails.
void Lab::put_in_array(unsigned member, std::size_t process) {
  const auto free = std::ranges::find_if(keys_, [](const auto& holder) { return !holder; });
  if (free == keys_.end()) return;
  const auto key = static_cast<std::uint32_t>(free - keys_.begin());
  try {
    processes_[process].execute({.kind = Command::Kind::put, .index = member, .key = key});
  } catch (const LabError&) {
    processes_[process].execute({.kind = Command::Kind::close, .index = member});
    throw;
  }
  *free = member;
}

// The process with the fewest workers, or a new one for another user.
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
  if (plan_.accept_model != AcceptModel::reuseport) throw LabError("add", EINVAL, "accept_model");
  if (workers_.size() == kMaxWorkers) throw LabError("add", ENOSPC, std::to_string(kMaxWorkers) + " members");
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

void Lab::command(const Subject& subject, Command::Kind kind, MemberState state) {
  if (subject.index >= (subject.worker ? workers_.size() : members_.size()))
    throw LabError("member", ENOENT, std::to_string(subject.index + 1));
  Member& member = members_[subject.worker ? workers_[subject.index].member : subject.index];
  require_working(member);
  if (subject.worker) {
    processes_[workers_[subject.index].process].execute({.kind = kind, .index = subject.index});
    if (plan_.accept_model == AcceptModel::reuseport) member.state = state;
    return;
  }
  // Only the dispatcher accepts from its listener.
  if (plan_.accept_model == AcceptModel::dispatcher) processes_[0].execute({.kind = kind, .index = kDispatcher});
  else
    for (unsigned i = 0; i < workers_.size(); i++)
      if (workers_[i].member == subject.index && processes_[workers_[i].process].pid >= 0)
        processes_[workers_[i].process].execute({.kind = kind, .index = i});
  member.state = state;
}

void Lab::stall(const Subject& subject) { command(subject, Command::Kind::pause, MemberState::stalled); }
void Lab::resume(const Subject& subject) { command(subject, Command::Kind::resume, MemberState::working); }
void Lab::close(unsigned member) {
  command({.index = member}, Command::Kind::close, MemberState::closed);
  remove_from_group(member);
  steer();
}

void Lab::spare(unsigned member) {
  if (member >= members_.size()) throw LabError("member", ENOENT, std::to_string(member + 1));
  require_working(members_[member]);
  if (!plan_.reuseport || std::ranges::find(group_, member) == group_.end() || group_.size() < 2)
    throw LabError("spare", EOPNOTSUPP);
  spared_ = member;
  steer();
}

// The kernel moves the last element of its array into the hole (__reuseport_detach_sock() in
// net/core/sock_reuseport.c).
void Lab::remove_from_group(unsigned member) {
  std::ranges::replace(keys_, std::optional(member), std::nullopt);
  const auto place = std::ranges::find(group_, member);
  if (place == group_.end()) return;
  *place = group_.back();
  group_.pop_back();
}

void Lab::steer() {
  if ((plan_.steering == Steering::hash && !spared_) || group_.empty()) return;
  const auto place_of = [&](unsigned member) {
    return static_cast<unsigned>(std::ranges::find(group_, member) - group_.begin());
  };
  Command command{.kind = Command::Kind::steer,
                  .members = static_cast<unsigned>(group_.size()),
                  .steering = plan_.steering,
                  .steer_to = place_of(plan_.steer_to)};
  if (spared_) {
    const unsigned place = place_of(*spared_);
    // Closed: what the plan says from now on, which may be no program.
    if (place == group_.size()) spared_.reset();
    else command.steering = Steering::others, command.steer_to = place;
  }
  processes_[members_[group_.front()].process].execute(command);
}

bool Lab::process_ended(pid_t pid) {
  const auto ended = std::ranges::find(processes_, pid, &WorkerProcess::pid);
  if (ended == processes_.end()) return false;
  ended->pid = -1;
  ended->commands = {};
  const auto number = static_cast<std::size_t>(ended - processes_.begin());
  for (unsigned i = 0; i < members_.size(); i++) {
    if (members_[i].process != number || members_[i].state == MemberState::closed) continue;
    // A shared listener stays open in the remaining processes.
    const auto left = std::ranges::find_if(processes_, [](const WorkerProcess& process) { return process.pid >= 0; });
    if (plan_.accept_model == AcceptModel::shared && left != processes_.end()) {
      members_[i].process = static_cast<std::size_t>(left - processes_.begin());
      continue;
    }
    members_[i].state = MemberState::failed;
    remove_from_group(i);
  }
  try {
    steer();
  } catch (const LabError&) {
    // Another process is ending too and is handled separately.
  }
  return true;
}

std::vector<pid_t> Lab::live_pids() const {
  std::vector<pid_t> pids;
  for (const WorkerProcess& process : processes_)
    if (process.pid >= 0) pids.push_back(process.pid);
  return pids;
}

bool Lab::no_members_left(std::optional<unsigned> closing) const {
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
