#include "traffic.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <thread>

#include "child_process.h"
#include "client.h"

namespace reuseport::lab {
namespace {

constexpr unsigned kSpareDescriptors = 64;
constexpr std::size_t kChunk = 65'536;
// Time limit for an orderly end; then it is killed.
constexpr int kStopTimeoutMs = 5000;
// How often the sockets on the port are checked while it runs.
constexpr std::chrono::milliseconds kGuardInterval{50};

// Descriptors that the traffic process may open, which also limits held connections.
unsigned descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, 1u << 20)) - kSpareDescriptors;
}

void validate_request(const TrafficPlan& plan, const Lab& lab) {
  const bool tcp = lab.plan().protocol == Protocol::tcp;
  const bool needs_tcp = plan.exchange == Exchange::hold || plan.exchange == Exchange::close;
  const bool needs_udp = plan.exchange == Exchange::send || plan.exchange == Exchange::dns;
  const bool dns = lab.plan().reply == Reply::dns;
  if ((tcp && needs_udp) || (!tcp && needs_tcp) ||
      (!tcp && plan.exchange != Exchange::send && dns != (plan.exchange == Exchange::dns)))
    throw LabError("traffic", EINVAL, "exchange");
  if (plan.exchange == Exchange::hold && plan.count > descriptors())
    throw LabError("traffic", EMFILE, std::to_string(descriptors()));
  cpu_set_t allowed;
  if (plan.cpu && (::sched_getaffinity(0, sizeof allowed, &allowed) < 0 || !CPU_ISSET(*plan.cpu, &allowed)))
    throw LabError("traffic", EINVAL, "cpu");
}

// Loopback traffic is received on the CPU that sends it (loopback_xmit() in drivers/net/loopback.c).
void pin_to(unsigned cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

void run_traffic(const TrafficPlan& plan, const TrafficBoard& board, Protocol protocol, const Endpoint& target) {
  if (plan.cpu) pin_to(*plan.cpu);  // inherited by its threads
  board.state[0].started_ns = now_ns();
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < plan.threads; i++)
      threads.emplace_back([&, i] {
        const ClientContext context(plan, target, board, i, descriptors() / plan.threads);
        if (protocol == Protocol::tcp) run_tcp_client(context);
        else run_udp_client(context);
      });
  }
  board.state[0].ended_ns = now_ns();
}

}  // namespace

Traffic::Traffic(const TrafficPlan& plan, const Lab& lab)
    : plan_(plan), board_(plan), guard_(lab, Endpoint::parse(lab.plan().address, lab.port()).reachable()) {
  validate_request(plan, lab);
  const Endpoint target = Endpoint::parse(lab.plan().address, lab.port()).reachable();
  guard_.require_own();
  pid_ = start_process({}, [&] { run_traffic(plan_, board_, lab.plan().protocol, target); });
}

Traffic::~Traffic() { kill(); }

void Traffic::kill() {
  if (!running_) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ended(status);
}

int Traffic::milliseconds_left() const {
  if (!running_) return INT_MAX;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(guarded_at_ + kGuardInterval - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void Traffic::guard() {
  if (milliseconds_left() > 0) return;
  try {
    foreign_socket_ = guard_.foreign_socket();
    if (foreign_socket_) kill();
  } catch (const SystemError&) {
    kill();  // what cannot be checked is not trusted
  }
  guarded_at_ = std::chrono::steady_clock::now();
}

void Traffic::stop() {
  if (!running_) return;
  board_.state[0].stop = true;
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
  if (!process || ::poll(&end, 1, kStopTimeoutMs) <= 0) ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ended(status);
}

bool Traffic::process_ended(pid_t pid, int status) {
  if (!running_ || pid != pid_) return false;
  ended(status);
  return true;
}

void Traffic::ended(int status) {
  running_ = false;
  ended_at_ = std::chrono::system_clock::now();
  failed_ = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

std::chrono::microseconds Traffic::elapsed() const {
  const std::int64_t from = board_.state[0].started_ns;
  if (from == 0) return {};
  const std::int64_t to = board_.state[0].ended_ns;
  const auto killed_at = std::chrono::duration_cast<std::chrono::microseconds>(ended_at_ - started_at_);
  if (to == 0 && !running_) return killed_at;
  return std::chrono::microseconds(((to == 0 ? now_ns() : to) - from) / 1000);
}

TrafficTotals Traffic::totals() const {
  TrafficTotals totals;
  // `sent` is read last, so that a running total never has more ended than sent exchanges.
  const auto add = [&](std::uint64_t TrafficTotals::*total, std::atomic<std::uint64_t> TrafficCounts::*part) {
    for (const TrafficCounts& thread : board_.counts) totals.*total += (thread.*part).load();
  };
  add(&TrafficTotals::done, &TrafficCounts::done);
  add(&TrafficTotals::refused, &TrafficCounts::refused);
  add(&TrafficTotals::resets, &TrafficCounts::resets);
  add(&TrafficTotals::timeouts, &TrafficCounts::timeouts);
  add(&TrafficTotals::other_errors, &TrafficCounts::other_errors);
  add(&TrafficTotals::moved, &TrafficCounts::moved);
  add(&TrafficTotals::sent, &TrafficCounts::sent);
  return totals;
}

std::uint32_t Traffic::samples() const {
  return std::min<std::uint32_t>(board_.state[0].recorded, static_cast<std::uint32_t>(board_.latencies.size()));
}

std::vector<std::uint32_t> Traffic::latencies(std::size_t from) const {
  std::vector<std::uint32_t> chunk;
  const std::size_t end = std::min<std::size_t>(samples(), from + kChunk);
  for (std::size_t i = from; i < end; i++) {
    const std::uint32_t latency = board_.latencies[i];
    if (latency == 0) break;  // reserved, but not written yet
    chunk.push_back(latency);
  }
  return chunk;
}

}  // namespace reuseport::lab
