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
#include "steering.h"
#include "worker.h"

namespace reuseport::lab {
namespace {

// Thousands of threads: enough for what their loops put there, which is little.
constexpr std::size_t kStack = 256 * 1024;

void become(const Credentials& credentials, pid_t supervisor) {
  if (!credentials.uid || *credentials.uid == ::geteuid()) return;
  const std::string at = "uid " + std::to_string(*credentials.uid);
  const gid_t gid = credentials.gid.value_or(*credentials.uid);
  if (::setgroups(0, nullptr) < 0) throw LabError("setgroups", errno, at);
  if (::setresgid(gid, gid, gid) < 0) throw LabError("setresgid", errno, at);
  if (::setresuid(*credentials.uid, *credentials.uid, *credentials.uid) < 0) throw LabError("setresuid", errno, at);
  end_with(supervisor);
}

class Process {
 public:
  Process(const WorkerProcessPlan& what, OrderChannel& orders)
      : what_(what),
        orders_(orders),
        shared_(what.shared_listener < 0 ? nullptr
                                         : std::make_shared<const UniqueFd>(UniqueFd(what.shared_listener))) {}

  void run() {
    Order order;
    while (orders_.next(order)) {
      Report report;
      try {
        report.facts = obey(order);
      } catch (const LabError& failure) {
        report = Report::of(failure);
      }
      orders_.report(report);
    }
  }

 private:
  MemberFacts obey(const Order& order) {
    switch (order.kind) {
      case Order::Kind::open:
        return open(order);
      case Order::Kind::share:
        begin(order.index, take_shared());
        return {};
      case Order::Kind::take_over:
        begin(order.index, nullptr);
        return {};
      case Order::Kind::dispatch:
        dispatch();
        return {};
      case Order::Kind::steer:
        steer(order);
        return {};
      case Order::Kind::rest:
        give(order.index, Doing::resting);
        return {};
      case Order::Kind::resume:
        give(order.index, what_.plan.accepting == Accepting::never ? Doing::resting : Doing::taking);
        return {};
      case Order::Kind::close:
        give(order.index, Doing::closed);
        return {};
    }
    throw LabError("worker process", EINVAL);
  }

  MemberFacts open(const Order& order) {
    const Endpoint endpoint = Endpoint::parse(what_.plan.address, order.port);
    const auto listener =
        std::make_shared<const UniqueFd>(open_listener(what_.plan, endpoint, order.index, order.sharing));
    begin(order.index, listener);
    return facts_of(listener->get());
  }

  std::shared_ptr<WorkerFrame> frame(unsigned index, WorkerCounts& counts, Listener listener) {
    auto frame = std::make_shared<WorkerFrame>(index, what_.plan, counts, wake_, std::move(listener));
    frames_[index] = frame;
    return frame;
  }

  void begin(unsigned index, Listener listener) {
    auto made = frame(index, what_.counts[index], std::move(listener));
    if (what_.plan.protocol == Protocol::udp) start_udp_worker(std::move(made));
    else start_tcp_worker(std::move(made), handed(index));
  }

  UniqueFd handed(unsigned index) const {
    for (const WorkerHandover& handover : what_.handed)
      if (handover.worker == index) return UniqueFd(handover.fd);
    return {};
  }

  void dispatch() {
    std::vector<UniqueFd> handovers;
    for (const int fd : what_.handing) handovers.emplace_back(fd);
    start_dispatcher(frame(kDispatcher, none_, take_shared()), std::move(handovers));
  }

  // The inherited listener. The last of those that share it here gets the only copy left, so that it is closed with it.
  Listener take_shared() { return ++sharing_ == what_.sharers ? std::move(shared_) : shared_; }

  void steer(const Order& order) {
    for (const auto& [index, frame] : frames_)
      if (frame->listener)
        return attach_steering(frame->listener->get(),
                               steering_program(what_.plan.steering, order.members, order.steered_to));
    throw LabError("steer", ENOENT);
  }

  void give(unsigned index, Doing doing) {
    const auto found = frames_.find(index);
    if (found == frames_.end()) throw LabError("worker process", ENOENT, "worker " + std::to_string(index));
    found->second->command.give(doing, wake_);
  }

  const WorkerProcessPlan& what_;
  OrderChannel& orders_;
  Listener shared_;
  Wake wake_;
  WorkerCounts none_{};  // of the dispatcher, which counts nothing
  std::map<unsigned, std::shared_ptr<WorkerFrame>> frames_;
  unsigned sharing_ = 0;
};

void allow_many_threads() {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStack);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

void be_worker_process(const WorkerProcessPlan& what, OrderChannel& orders, pid_t supervisor) {
  try {
    become(what.credentials, supervisor);
    allow_many_threads();
    Process process(what, orders);
    orders.report({});
    process.run();
  } catch (const LabError& failure) {
    orders.report(Report::of(failure));
  }
}

}  // namespace

MemberFacts WorkerProcess::give(const Order& order) {
  try {
    return orders.give(order);
  } catch (const LabError& failure) {
    if (failure.error == ETIMEDOUT && pid > 0) ::kill(pid, SIGKILL);
    throw;
  }
}

WorkerProcess start_worker_process(const WorkerProcessPlan& what) {
  OrderChannel::Pair channel = OrderChannel::make();
  std::vector<int> keep{channel.worker.fd()};
  if (what.shared_listener >= 0) keep.push_back(what.shared_listener);
  for (const WorkerHandover& handover : what.handed) keep.push_back(handover.fd);
  keep.insert(keep.end(), what.handing.begin(), what.handing.end());

  const pid_t supervisor = ::getpid();
  WorkerProcess process;
  process.pid = start_process(keep, [&] { be_worker_process(what, channel.worker, supervisor); });
  process.orders = std::move(channel.supervisor);
  channel.worker = {};
  try {
    process.orders.first_report();
  } catch (const LabError&) {
    ::kill(process.pid, SIGKILL);
    ::waitpid(process.pid, nullptr, 0);
    throw;
  }
  return process;
}

}  // namespace reuseport::lab
