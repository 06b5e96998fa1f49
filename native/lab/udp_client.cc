#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <vector>

#include "client.h"
#include "datagrams.h"
#include "dns.h"
#include "epoll.h"
#include "probe.h"

namespace reuseport::lab {
namespace {

// Unanswered datagrams over all threads: what fits the default receive buffer of one socket. That is 277 small ones
// (net.core.rmem_default over the 768 bytes that the kernel charges for each), less a quarter, which it releases late
// (udp_rmem_release() in net/ipv4/udp.c).
constexpr unsigned kMaxUnanswered = 128;
// The same with a rate, where a slow answer must not delay the next query; per thread.
constexpr unsigned kMaxUnansweredAtRate = 16'384;
constexpr unsigned kBurst = 8;       // consecutive queries of one flow
constexpr unsigned kSendBurst = 64;  // the same if no answer is wanted
constexpr unsigned kAnswers = 32;    // received at once
constexpr std::uint16_t kFirstPort = 20'000;
constexpr std::int64_t kGracePeriod = 1'000'000'000;
constexpr std::uint32_t kNoWorker = ~0u;

// An active client of this thread, with its socket. There can be more clients than descriptors: the next one starts
// when one has ended.
struct Flow {
  UniqueFd socket;
  std::uint64_t left = 0;  // to send
  unsigned unanswered = 0;
  std::uint32_t answered_by = kNoWorker;
  bool moved = false;
};

bool bind_to(int socket, const Endpoint& endpoint) { return ::bind(socket, endpoint.raw(), endpoint.length()) == 0; }

class UdpClient {
 public:
  explicit UdpClient(const ClientContext& context)
      : context_(context),
        expects_answers_(context.plan.exchange != Exchange::send),
        flows_(std::min<std::uint64_t>(
            std::max<std::uint64_t>(context.plan.flows / context.plan.threads +
                                        (context.thread < context.plan.flows % context.plan.threads ? 1 : 0),
                                    1),
            context.share)),
        slots_(expects_answers_
                   ? (context.plan.rate ? kMaxUnansweredAtRate : std::max(1u, kMaxUnanswered / context.plan.threads))
                   : 0) {
    for (std::uint32_t i = 0; i < slots_.size(); i++) free_.push_back(i);
  }

  void run() {
    while (!finished()) {
      const std::int64_t now = now_ns();
      if (context_.stop_requested()) end_ = std::min(end_, now + kGracePeriod);
      if (now >= end_) return finish_all();
      const bool sent = send_due(now);
      if (expects_answers_) {
        for (const epoll_event& event : epoll_.wait(sent ? 0 : sleep(now))) read_answers(event.data.fd);
        time_out(now_ns());
      } else if (!sent) epoll_.wait(sleep(now));
    }
  }

 private:
  struct PendingQuery {
    std::int64_t sent_at = 0;
    int flow = -1;  // its socket; -1: no query
    std::uint32_t sequence = 0;
  };
  struct Deadline {
    std::uint32_t slot;
    std::uint32_t sequence;
    std::int64_t sent_at;
  };

  bool all_sent() const { return sent_ == context_.share || context_.stop_requested(); }
  bool finished() const { return all_sent() && free_.size() == slots_.size(); }

  int sleep(std::int64_t now) const {
    if (all_sent() || (expects_answers_ && free_.empty())) return ClientContext::sleep_until(end_, now);
    return ClientContext::sleep_until(context_.pacer.time_of(sent_), now);
  }

  // Sends one burst of the next flow in turn. False if nothing can be sent yet.
  bool send_due(std::int64_t now) {
    if (all_sent()) return false;
    const std::uint64_t due = context_.pacer.due(now);
    if (due <= sent_ || (expects_answers_ && free_.empty())) return false;
    if (begun_flows_ < flows_ && turns_.size() < max_flows()) begin_flow();
    if (turns_.empty()) return false;
    turn_ = turn_ < turns_.size() ? turn_ : 0;
    Flow& flow = flow_of(turns_[turn_]);
    auto burst = static_cast<unsigned>(
        std::min<std::uint64_t>({due - sent_, flow.left, std::uint64_t{expects_answers_ ? kBurst : kSendBurst}}));
    if (expects_answers_) burst = std::min<unsigned>(burst, static_cast<unsigned>(free_.size()));
    send_burst(turns_[turn_], burst);
    if (flow.left > 0) turn_++;
    else turns_.erase(turns_.begin() + static_cast<std::ptrdiff_t>(turn_));
    if (flow.left == 0 && flow.unanswered == 0) flow = {};
    return true;
  }

  unsigned max_flows() const { return context_.descriptors; }

  Flow& flow_of(int socket) {
    if (by_socket_.size() <= static_cast<std::size_t>(socket)) by_socket_.resize(socket + 1);
    return by_socket_[socket];
  }

  void begin_flow() {
    const std::uint64_t number = begun_flows_++;
    const std::uint64_t left = context_.share / flows_ + (number < context_.share % flows_ ? 1 : 0);
    UniqueFd socket = open_flow(number);
    if (!socket) {  // none of its datagrams can be sent
      const int error = errno;
      sent_ += left;
      count(context_.counts.sent, left);
      return count_error(error, left);
    }
    const int fd = socket.get();
    if (expects_answers_ && !epoll_.add(fd, EPOLLIN)) {
      sent_ += left;
      count(context_.counts.sent, left);
      return count_error(ENOMEM, left);
    }
    flow_of(fd) = {.socket = std::move(socket), .left = left};
    turns_.push_back(fd);
  }

  // A socket connected to the target from a distinct address and port; none and errno if none is left.
  UniqueFd open_flow(std::uint64_t number) const {
    const int family = context_.target.family() == Family::ipv4 ? AF_INET : AF_INET6;
    UniqueFd socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return {};
    if (context_.target.loopback_ipv4()) {
      // The same number is always the same client, and no two numbers share one, even if they are never open together.
      const std::uint64_t client = number * context_.plan.threads + context_.thread;
      const Endpoint source = Endpoint::loopback_source(static_cast<unsigned>(client % context_.plan.sources));
      const std::uint64_t port = kFirstPort + client / context_.plan.sources;
      const bool bound = port <= 65535 && bind_to(socket.get(), source.with_port(static_cast<std::uint16_t>(port)));
      if (!bound && !bind_to(socket.get(), source)) return {};
    } else if (!bind_to(socket.get(), context_.target.with_port(0))) {
      return {};
    }
    if (::connect(socket.get(), context_.target.raw(), context_.target.length()) < 0) return {};
    return socket;
  }

  void send_burst(int socket, unsigned burst) {
    Flow& flow = flow_of(socket);
    const std::int64_t now = now_ns();
    for (unsigned i = 0; i < burst; i++) write(i, expects_answers_ ? free_[free_.size() - 1 - i] : 0);
    const int result = out_.send(socket, burst);
    if (result < 0 && (errno == EAGAIN || errno == ENOBUFS)) return;  // retried in its next turn
    // A failure reports the error of an earlier datagram; this one was not sent.
    const unsigned tried = result < 0 ? 1 : static_cast<unsigned>(result);
    flow.left -= tried;
    sent_ += tried;
    count(context_.counts.sent, tried);
    if (result < 0) return count_error(errno, 1);
    if (!expects_answers_) return count(context_.counts.done, tried);
    for (unsigned i = 0; i < tried; i++) {
      const std::uint32_t slot = free_.back();
      free_.pop_back();
      slots_[slot] = {.sent_at = now, .flow = socket, .sequence = sequence(slot)};
      deadlines_.push_back({.slot = slot, .sequence = sequence(slot), .sent_at = now});
      flow.unanswered++;
    }
  }

  // For DNS, which has only a 16-bit id, numbers wrap around after 65,536 queries.
  std::uint32_t sequence(std::uint32_t slot) const {
    const auto size = static_cast<std::uint32_t>(slots_.empty() ? 1 : slots_.size());
    const std::uint32_t number = slot + size * generation_.at(slot);
    return context_.plan.exchange == Exchange::dns ? number & 0xffff : number;
  }

  void write(unsigned i, std::uint32_t slot) {
    if (context_.plan.exchange == Exchange::dns) {
      const std::uint32_t id = sequence(slot);
      return out_.set_size(i, dns::write_query(static_cast<std::uint16_t>(id), id, out_.buffer(i)));
    }
    const Probe probe{.kind = expects_answers_ ? Probe::Kind::wants_answer : Probe::Kind::wants_none,
                      .sequence = expects_answers_ ? sequence(slot) : 0,
                      .worker = 0};
    std::memcpy(out_.buffer(i).data(), &probe, sizeof probe);
    out_.set_size(i, sizeof probe);
  }

  void read_answers(int socket) {
    const int received = in_.receive(socket);
    if (received < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      return fail_pending(socket, errno);
    }
    const std::int64_t now = now_ns();
    for (int i = 0; i < received; i++) answered(socket, in_.received(static_cast<unsigned>(i)), now);
  }

  void answered(int socket, std::span<const char> datagram, std::int64_t now) {
    std::uint32_t number = 0;
    std::uint32_t worker = 0;
    if (context_.plan.exchange == Exchange::dns) {
      const auto answer = dns::read_answer(datagram);
      if (!answer) return;
      number = answer->id;
      worker = answer->worker;
    } else {
      const auto answer = read_probe(datagram);
      if (!answer || answer->kind != Probe::Kind::answer) return;
      number = answer->sequence;
      worker = answer->worker;
    }
    const auto slot = static_cast<std::uint32_t>(number % slots_.size());
    // A late or duplicate answer.
    if (slots_[slot].flow != socket || slots_[slot].sequence != number) return;
    context_.board.record(now - slots_[slot].sent_at);
    count(context_.counts.done);
    Flow& flow = flow_of(socket);
    if (flow.answered_by != kNoWorker && flow.answered_by != worker && !flow.moved) {
      flow.moved = true;
      count(context_.counts.moved);
    }
    flow.answered_by = worker;
    release_slot(slot);
  }

  // The kernel reports once, for all pending queries of this client, that nothing listened.
  void fail_pending(int socket, int error) {
    for (std::uint32_t slot = 0; slot < slots_.size(); slot++)
      if (slots_[slot].flow == socket) {
        count_error(error, 1);
        release_slot(slot);
      }
  }

  void release_slot(std::uint32_t slot) {
    Flow& flow = flow_of(slots_[slot].flow);
    flow.unanswered--;
    if (flow.left == 0 && flow.unanswered == 0) flow = {};
    slots_[slot].flow = -1;
    generation_[slot]++;
    free_.push_back(slot);
  }

  void time_out(std::int64_t now) {
    while (!deadlines_.empty()) {
      const auto [slot, sequence, sent_at] = deadlines_.front();
      const bool open = slots_[slot].flow >= 0 && slots_[slot].sequence == sequence && slots_[slot].sent_at == sent_at;
      if (open && now - sent_at < context_.timeout) return;
      deadlines_.pop_front();
      if (!open) continue;
      count_error(ETIMEDOUT, 1);
      release_slot(slot);
    }
  }

  void finish_all() {
    for (const PendingQuery& query : slots_)
      if (query.flow >= 0) count_error(ETIMEDOUT, 1);
  }

  void count_error(int error, std::uint64_t times) {
    switch (error) {
      case ECONNREFUSED:
        return count(context_.counts.refused, times);
      case ETIMEDOUT:
        return count(context_.counts.timeouts, times);
      default:
        return count(context_.counts.other_errors, times);
    }
  }

  const ClientContext& context_;
  const bool expects_answers_;
  const std::uint64_t flows_;
  std::vector<PendingQuery> slots_;
  std::vector<std::uint32_t> generation_ = std::vector<std::uint32_t>(std::max<std::size_t>(slots_.size(), 1));
  std::vector<std::uint32_t> free_;
  std::deque<Deadline> deadlines_;  // in sending order
  std::vector<Flow> by_socket_;
  std::vector<int> turns_;  // flows with something left to send
  std::size_t turn_ = 0;
  std::uint64_t begun_flows_ = 0;
  std::uint64_t sent_ = 0;
  std::int64_t end_ = context_.end;
  Epoll epoll_;
  Datagrams out_{kSendBurst}, in_{kAnswers};
};

}  // namespace

void run_udp_client(const ClientContext& context) { UdpClient(context).run(); }

}  // namespace reuseport::lab
