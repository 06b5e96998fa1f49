#include "kernel_lookup.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>

namespace reuseport {
namespace {

// Requests per datagram. All their replies must fit the receive buffer: the kernel charges about 1.3 KiB each, of 208
// KiB by default (net.core.rmem_default).
constexpr std::size_t kBatchSize = 64;
// Attempts for requests whose reply was lost; each halves the batch size.
constexpr int kRounds = 6;
constexpr const char* kOperation = "run the kernel lookup";

// More would only make the shares smaller.
constexpr int kMaxCpus = 16;

// Pins the calling thread to chosen CPUs and restores its affinity when destroyed (sched_setaffinity(2)).
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
    for (int cpu = 0; known_ && cpu < CPU_SETSIZE && allowed.size() < kMaxCpus; cpu++)
      if (CPU_ISSET(cpu, &before_)) allowed.push_back(cpu);
    return allowed;
  }
  // If the CPU is no longer online, the affinity stays unchanged.
  void pin_to(int cpu) const {
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

ProbeAnswers KernelLookup::probe_from_every_cpu(const ProbeTarget& target, std::span<const Remote> remotes) {
  const Affinity affinity;
  const std::vector<int> cpus = affinity.cpus();
  if (cpus.empty()) return probe(target, remotes);
  ProbeAnswers answers;
  const std::size_t share = (remotes.size() + cpus.size() - 1) / cpus.size();
  for (std::size_t i = 0; i < cpus.size() && i * share < remotes.size(); i++) {
    affinity.pin_to(cpus[i]);
    append(answers, probe(target, remotes.subspan(i * share, std::min(share, remotes.size() - i * share))));
  }
  return answers;
}

ProbeAnswers KernelLookup::probe(const ProbeTarget& target, std::span<const Remote> remotes) {
  const std::lock_guard lock(mutex_);
  ProbeAnswers answers;
  answers.cookies.resize(remotes.size());
  answers.states.resize(remotes.size());
  answers.errors.resize(remotes.size());

  std::vector<std::size_t> open(remotes.size());  // remotes without a reply yet
  for (std::size_t i = 0; i < open.size(); i++) open[i] = i;
  std::vector<std::byte> requests;
  std::vector<bool> answered;
  std::size_t batch_size = kBatchSize;
  for (int round = 0; round < kRounds && !open.empty();
       round++, batch_size = std::max<std::size_t>(batch_size / 2, 1)) {
    std::vector<std::size_t> lost;
    for (std::size_t from = 0; from < open.size(); from += batch_size) {
      const auto batch = std::span(open).subspan(from, std::min(batch_size, open.size() - from));
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
