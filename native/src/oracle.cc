#include "oracle.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>

namespace reuseport {
namespace {

// Requests in one datagram. Their answers wait in the receive buffer together: about 1.3 KiB each as the kernel counts
// them, of 208 KiB by default (net.core.rmem_default).
constexpr std::size_t kTogether = 64;
// Rounds for requests whose answer was lost; each asks for half as many at a time.
constexpr int kRounds = 6;
constexpr const char* kOperation = "ask the steering oracle";

// More would only make the shares small.
constexpr int kMostCpus = 16;

// Keeps the calling thread on chosen CPUs and lets it go where it might before at the end (sched_setaffinity(2)).
class Affinity {
 public:
  Affinity() { known_ = sched_getaffinity(0, sizeof before_, &before_) == 0; }
  ~Affinity() {
    if (known_) sched_setaffinity(0, sizeof before_, &before_);
  }
  Affinity(const Affinity&) = delete;
  Affinity& operator=(const Affinity&) = delete;

  std::vector<int> cpus() const {
    std::vector<int> allowed;
    for (int cpu = 0; known_ && cpu < CPU_SETSIZE && allowed.size() < kMostCpus; cpu++)
      if (CPU_ISSET(cpu, &before_)) allowed.push_back(cpu);
    return allowed;
  }
  // Where the CPU is no longer online the thread stays where it is.
  void stay_on(int cpu) const {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
  }

 private:
  cpu_set_t before_{};
  bool known_;
};

void append(ProbeAnswers& to, const ProbeAnswers& from) {
  to.cookies.insert(to.cookies.end(), from.cookies.begin(), from.cookies.end());
  to.states.insert(to.states.end(), from.states.begin(), from.states.end());
  to.errors.insert(to.errors.end(), from.errors.begin(), from.errors.end());
}

}  // namespace

ProbeAnswers Oracle::probe_from_every_cpu(const ProbeTarget& target, std::span<const Remote> remotes) {
  const Affinity affinity;
  const std::vector<int> cpus = affinity.cpus();
  if (cpus.empty()) return probe(target, remotes);
  ProbeAnswers answers;
  const std::size_t share = (remotes.size() + cpus.size() - 1) / cpus.size();
  for (std::size_t i = 0; i < cpus.size() && i * share < remotes.size(); i++) {
    affinity.stay_on(cpus[i]);
    append(answers, probe(target, remotes.subspan(i * share, std::min(share, remotes.size() - i * share))));
  }
  return answers;
}

ProbeAnswers Oracle::probe(const ProbeTarget& target, std::span<const Remote> remotes) {
  const std::lock_guard lock(mutex_);
  ProbeAnswers answers;
  answers.cookies.resize(remotes.size());
  answers.states.resize(remotes.size());
  answers.errors.resize(remotes.size());

  std::vector<std::size_t> open(remotes.size());  // remotes without an answer yet
  for (std::size_t i = 0; i < open.size(); i++) open[i] = i;
  std::vector<std::byte> requests;
  std::vector<bool> answered;
  std::size_t together = kTogether;
  for (int round = 0; round < kRounds && !open.empty(); round++, together = std::max<std::size_t>(together / 2, 1)) {
    std::vector<std::size_t> lost;
    for (std::size_t from = 0; from < open.size(); from += together) {
      const auto batch = std::span(open).subspan(from, std::min(together, open.size() - from));
      requests.resize(batch.size() * kProbeSize);
      for (std::size_t i = 0; i < batch.size(); i++)
        build_probe(target, remotes[batch[i]], std::span(requests).subspan(i * kProbeSize, kProbeSize));
      answered.assign(batch.size(), false);
      connection_.exchange(requests, kOperation, [&](const Message& message, std::uint32_t request) {
        const std::size_t remote = batch[request];
        answered[request] = true;
        if (message.header.nlmsg_type == NLMSG_ERROR) {
          const int error = error_of(message);
          answers.errors[remote] = error == ENOENT ? 0 : error;
          return;
        }
        const ProbedSocket socket = parse_probed(target.protocol, message);
        answers.states[remote] = socket.state;
        const bool receives = socket.state == static_cast<std::uint8_t>(State::listening) ||
                              socket.state == static_cast<std::uint8_t>(State::unconnected);
        if (receives) answers.cookies[remote] = socket.cookie;
      });
      for (std::size_t i = 0; i < batch.size(); i++)
        if (!answered[i]) lost.push_back(batch[i]);
    }
    open.swap(lost);
  }
  for (const std::size_t remote : open) answers.errors[remote] = ENOBUFS;
  return answers;
}

}  // namespace reuseport
