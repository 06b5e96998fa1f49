#include "worker_process.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "endpoint.h"
#include "sock_array.h"
#include "steering.h"
#include "worker.h"

namespace reuseport::lab {
namespace {

// Small, for thousands of threads: their loops need little.
constexpr std::size_t kStack = 256 * 1024;

void switch_user(const Credentials& credentials, pid_t supervisor) {
  if (!credentials.uid || *credentials.uid == ::geteuid()) return;
  const std::string at = "uid " + std::to_string(*credentials.uid);
  const gid_t gid = credentials.gid.value_or(*credentials.uid);
  if (::setgroups(0, nullptr) < 0) throw LabError("setgroups", errno, at);
  if (::setresgid(gid, gid, gid) < 0) throw LabError("setresgid", errno, at);
  if (::setresuid(*credentials.uid, *credentials.uid, *credentials.uid) < 0) throw LabError("setresuid", errno, at);
  die_with_parent(supervisor);
}

class Process {
 public:
  Process(const WorkerProcessPlan& what, CommandChannel& commands)
      : what_(what),
        commands_(commands),
        shared_(what.shared_listener < 0 ? nullptr : std::make_shared<const UniqueFd>(UniqueFd(what.shared_listener))) {
  }

  void run() {
    Command command;
    while (commands_.next(command)) {
      Report report;
      try {
        report.facts = apply(command);
      } catch (const LabError& failure) {
        report = Report::of(failure);
      }
      commands_.report(report);
    }
  }

 private:
  MemberFacts apply(const Command& command) {
    switch (command.kind) {
      case Command::Kind::open:
        return open(command);
      case Command::Kind::share:
        begin(command.index, claim_shared());
        return {};
      case Command::Kind::receive:
        begin(command.index, nullptr);
        return {};
      case Command::Kind::dispatch:
        dispatch();
        return {};
      case Command::Kind::steer:
        steer(command);
        return {};
      case Command::Kind::put:
        put_socket(what_.sock_array, command.key, listener_of(command.index));
        return {};
      case Command::Kind::pause:
        set_state(command.index, WorkerState::paused);
        return {};
      case Command::Kind::resume:
        set_state(command.index,
                  what_.plan.accept_behavior == AcceptBehavior::never ? WorkerState::paused : WorkerState::accepting);
        return {};
      case Command::Kind::close:
        set_state(command.index, WorkerState::closed);
        return {};
    }
    throw LabError("worker process", EINVAL);
  }

  MemberFacts open(const Command& command) {
    const Endpoint endpoint = Endpoint::parse(what_.plan.address, command.port);
    const auto listener =
        std::make_shared<const UniqueFd>(open_listener(what_.plan, endpoint, command.index, command.sharing));
    begin(command.index, listener);
    return facts_of(listener->get());
  }

  std::shared_ptr<WorkerContext> make_context(unsigned index, WorkerCounts& counts, Listener listener) {
    auto context = std::make_shared<WorkerContext>(index, what_.plan, counts, wake_, std::move(listener));
    contexts_[index] = context;
    return context;
  }

  void begin(unsigned index, Listener listener) {
    auto context = make_context(index, what_.counts[index], std::move(listener));
    if (what_.plan.protocol == Protocol::udp) start_udp_worker(std::move(context));
    else start_tcp_worker(std::move(context), handoff_for(index));
  }

  UniqueFd handoff_for(unsigned index) const {
    for (const WorkerHandoff& handoff : what_.worker_handoffs)
      if (handoff.worker == index) return UniqueFd(handoff.fd);
    return {};
  }

  void dispatch() {
    std::vector<UniqueFd> handoffs;
    for (const int fd : what_.dispatcher_handoffs) handoffs.emplace_back(fd);
    start_dispatcher(make_context(kDispatcher, none_, claim_shared()), std::move(handoffs));
  }

  // The inherited listener. The last thread to claim it gets the only reference left, so that it can be closed.
  Listener claim_shared() { return ++sharing_ == what_.sharers ? std::move(shared_) : shared_; }

  void steer(const Command& command) {
    for (const auto& [index, context] : contexts_) {
      if (!context->listener) continue;
      const int listener = context->listener->get();
      if (command.steering == Steering::sock_array) return attach_sock_array(listener, what_.sock_array_program);
      return attach_steering(listener, steering_program(command.steering, command.members, command.steer_to));
    }
    throw LabError("steer", ENOENT);
  }

  WorkerContext& context_of(unsigned index) {
    const auto found = contexts_.find(index);
    if (found == contexts_.end()) throw LabError("worker process", ENOENT, "worker " + std::to_string(index));
    return *found->second;
  }

  int listener_of(unsigned index) {
    const auto& listener = context_of(index).listener;
    if (!listener) throw LabError("worker process", ENOENT, "worker " + std::to_string(index));
    return listener->get();
  }

  void set_state(unsigned index, WorkerState state) { context_of(index).control.set(state, wake_); }

  const WorkerProcessPlan& what_;
  CommandChannel& commands_;
  Listener shared_;
  Wake wake_;
  WorkerCounts none_{};  // for the dispatcher, which counts nothing
  std::map<unsigned, std::shared_ptr<WorkerContext>> contexts_;
  unsigned sharing_ = 0;
};

void allow_many_threads() {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStack);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

void run_worker_process(const WorkerProcessPlan& what, CommandChannel& commands, pid_t supervisor) {
  try {
    switch_user(what.credentials, supervisor);
    allow_many_threads();
    Process process(what, commands);
    commands.report({});
    process.run();
  } catch (const LabError& failure) {
    commands.report(Report::of(failure));
  }
}

}  // namespace

MemberFacts WorkerProcess::execute(const Command& command) {
  try {
    return commands.execute(command);
  } catch (const LabError& failure) {
    if (failure.error == ETIMEDOUT && pid > 0) ::kill(pid, SIGKILL);
    throw;
  }
}

WorkerProcess start_worker_process(const WorkerProcessPlan& what) {
  CommandChannel::Pair channel = CommandChannel::make();
  std::vector<int> keep{channel.worker.fd()};
  if (what.shared_listener >= 0) keep.push_back(what.shared_listener);
  for (const WorkerHandoff& handoff : what.worker_handoffs) keep.push_back(handoff.fd);
  for (const int fd : {what.sock_array, what.sock_array_program})
    if (fd >= 0) keep.push_back(fd);
  keep.insert(keep.end(), what.dispatcher_handoffs.begin(), what.dispatcher_handoffs.end());

  const pid_t supervisor = ::getpid();
  WorkerProcess process;
  process.pid = start_process(keep, [&] { run_worker_process(what, channel.worker, supervisor); });
  process.commands = std::move(channel.supervisor);
  channel.worker = {};
  try {
    process.commands.wait_report();
  } catch (const LabError&) {
    ::kill(process.pid, SIGKILL);
    ::waitpid(process.pid, nullptr, 0);
    throw;
  }
  return process;
}

}  // namespace reuseport::lab
