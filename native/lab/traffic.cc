#include "traffic.h"

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "child_process.h"
#include "client.h"
#include "namespaces.h"
#include "oracle.h"

namespace reuseport::lab {
namespace {

constexpr unsigned kSpareDescriptors = 64;
constexpr std::size_t kPiece = 65'536;
// How long an orderly end may take before it is killed.
constexpr int kPatienceMs = 5000;
// Clients that the oracle is asked about. Their ports are below those that clients are given.
constexpr unsigned kAskedClients = 16;
constexpr std::uint16_t kAskedPort = 7;

// Descriptors that the traffic may have open: those of one process; for held connections no more than the lab's
// processes can take over together with their listeners.
unsigned descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, 1u << 20)) - kSpareDescriptors;
}

void require_sense(const TrafficPlan& plan, const Lab& lab) {
  const bool tcp = lab.plan().protocol == Protocol::tcp;
  const bool needs_tcp = plan.exchange == Exchange::hold || plan.exchange == Exchange::close;
  const bool needs_udp = plan.exchange == Exchange::send || plan.exchange == Exchange::dns;
  const bool dns = lab.plan().answer == Answer::dns;
  if ((tcp && needs_udp) || (!tcp && needs_tcp) || (!tcp && plan.exchange != Exchange::send &&
                                                    dns != (plan.exchange == Exchange::dns)))
    throw LabError("traffic", EINVAL, "exchange");
  if (plan.exchange == Exchange::hold && plan.count > descriptors())
    throw LabError("traffic", EMFILE, std::to_string(descriptors()));
  cpu_set_t allowed;
  if (plan.cpu && (::sched_getaffinity(0, sizeof allowed, &allowed) < 0 || !CPU_ISSET(*plan.cpu, &allowed)))
    throw LabError("traffic", EINVAL, "cpu");
}

// What is sent over loopback is received on the CPU that sends it (loopback_xmit() in drivers/net/loopback.c).
void stay_on(unsigned cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

// A socket that is bound more closely than ours would get what is meant for us: the kernel's own lookup is asked.
void require_own(const Lab& lab, const Endpoint& target) {
  const OpenNamespace here = [] {
    try {
      return open_namespace(std::nullopt);
    } catch (const SystemError& failure) {
      throw LabError("oracle", failure.error, failure.operation);
    }
  }();
  Oracle oracle(make_kernel(UniqueFd(::dup(here.netlink.get()))));
  const ProbeTarget question{.protocol = lab.plan().protocol,
                             .family = target.family(),
                             .local_address = target.bytes(),
                             .local_port = lab.port(),
                             .interface = ::if_nametoindex("lo")};
  std::vector<Remote> clients;
  for (unsigned i = 0; i < kAskedClients; i++)
    clients.push_back({.address = target.loopback_ipv4() ? Endpoint::loopback_source(i).bytes() : target.bytes(),
                       .port = static_cast<std::uint16_t>(kAskedPort + i)});
  const ProbeAnswers answers = oracle.probe(question, clients);
  bool reached = false;
  for (const std::uint64_t cookie : answers.cookies) {
    if (cookie == 0) continue;
    const auto is_it = [&](const Member& member) { return member.facts.cookie == cookie; };
    const bool ours = std::ranges::any_of(lab.members(), is_it);
    if (!ours) throw LabError("oracle", EADDRINUSE, "cookie " + std::to_string(cookie));
    reached = true;
  }
  if (!reached) throw LabError("oracle", ECONNREFUSED);
}

void be_traffic(const TrafficPlan& plan, const TrafficBoard& board, Protocol protocol, const Endpoint& target) {
  if (plan.cpu) stay_on(*plan.cpu);  // and so do its threads
  board.state[0].started_ns = now_ns();
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < plan.threads; i++)
      threads.emplace_back([&, i] {
        const ClientFrame frame(plan, target, board, i, descriptors() / plan.threads);
        if (protocol == Protocol::tcp) run_tcp_client(frame);
        else run_udp_client(frame);
      });
  }
  board.state[0].ended_ns = now_ns();
}

}  // namespace

Traffic::Traffic(const TrafficPlan& plan, const Lab& lab) : plan_(plan), board_(plan) {
  require_sense(plan, lab);
  const Endpoint target = Endpoint::parse(lab.plan().address, lab.port()).reachable();
  require_own(lab, target);
  pid_ = start_process({}, [&] { be_traffic(plan_, board_, lab.plan().protocol, target); });
}

Traffic::~Traffic() {
  if (!running_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Traffic::stop() {
  if (!running_) return;
  board_.state[0].stop = true;
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  pollfd end{.fd = process.get(), .events = POLLIN, .revents = 0};
  if (!process || ::poll(&end, 1, kPatienceMs) <= 0) ::kill(pid_, SIGKILL);
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
  // What ended is read before what began, so that a running total never has more ends than beginnings.
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
  std::vector<std::uint32_t> piece;
  const std::size_t end = std::min<std::size_t>(samples(), from + kPiece);
  for (std::size_t i = from; i < end; i++) {
    const std::uint32_t latency = board_.latencies[i];
    if (latency == 0) break;  // its place is taken, its value not written yet
    piece.push_back(latency);
  }
  return piece;
}

}  // namespace reuseport::lab
