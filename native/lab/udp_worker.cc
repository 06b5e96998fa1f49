#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "dns.h"
#include "probe.h"
#include "thread.h"
#include "watch.h"
#include "worker.h"

namespace reuseport::lab {
namespace {

constexpr unsigned kBatchSize = 64;
// Longer datagrams are truncated, and so is their echo.
constexpr std::size_t kMaxSize = 2048;

// Buffers for the datagrams of one recvmmsg(2), and for their answers in one sendmmsg(2).
class Batch {
 public:
  Batch() {
    for (unsigned i = 0; i < kBatchSize; i++) {
      received_parts_[i] = {.iov_base = received_[i].data(), .iov_len = kMaxSize};
      headers_[i].msg_hdr.msg_iov = &received_parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
      headers_[i].msg_hdr.msg_name = &clients_[i];
    }
  }

  // Receives at most `limit`, waiting for the first one if the socket is blocking. Returns how many.
  unsigned receive(int socket, unsigned limit, int flags) {
    for (unsigned i = 0; i < limit; i++) headers_[i].msg_hdr.msg_namelen = sizeof clients_[i];
    const int received = ::recvmmsg(socket, headers_.data(), limit, flags, nullptr);
    return received > 0 ? static_cast<unsigned>(received) : 0;
  }

  // Answers the first `received` of them. Skips answers that the kernel does not accept: clients count those.
  void answer(int socket, unsigned received, Reply how, unsigned worker) {
    unsigned answers = 0;
    for (unsigned i = 0; i < received; i++) {
      const std::span<char> datagram(received_[i].data(), std::min<std::size_t>(headers_[i].msg_len, kMaxSize));
      const std::size_t size =
          how == Reply::dns ? answer_dns(datagram, worker, answers_[i]) : answer_echo(datagram, worker, answers_[i]);
      if (size == 0) continue;
      answer_parts_[answers] = {.iov_base = answers_[i].data(), .iov_len = size};
      msghdr& header = answer_headers_[answers].msg_hdr;
      header = {};
      header.msg_name = &clients_[i];
      header.msg_namelen = headers_[i].msg_hdr.msg_namelen;
      header.msg_iov = &answer_parts_[answers];
      header.msg_iovlen = 1;
      answers++;
    }
    for (unsigned sent = 0; sent < answers;) {
      const int taken = ::sendmmsg(socket, &answer_headers_[sent], answers - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      sent += taken > 0 ? static_cast<unsigned>(taken) : 1;
    }
  }

 private:
  using Bytes = std::array<char, kMaxSize>;

  static std::size_t answer_dns(std::span<const char> query, unsigned worker, Bytes& into) {
    return dns::write_answer(query, worker, into).value_or(0);
  }
  static std::size_t answer_echo(std::span<const char> datagram, unsigned worker, Bytes& into) {
    auto probe = read_probe(datagram);
    if (!probe) {
      std::memcpy(into.data(), datagram.data(), datagram.size());
      return datagram.size();
    }
    if (probe->kind != Probe::Kind::wants_answer) return 0;
    probe->kind = Probe::Kind::answer;
    probe->worker = worker;
    std::memcpy(into.data(), &*probe, sizeof *probe);
    return sizeof *probe;
  }

  std::array<Bytes, kBatchSize> received_{};
  std::array<Bytes, kBatchSize> answers_{};
  std::array<sockaddr_storage, kBatchSize> clients_{};
  std::array<iovec, kBatchSize> received_parts_{}, answer_parts_{};
  std::array<mmsghdr, kBatchSize> headers_{}, answer_headers_{};
};

class UdpLoop {
 public:
  explicit UdpLoop(std::shared_ptr<WorkerContext> context) : context_(std::move(context)) {}

  [[noreturn]] void run() {
    Epoll epoll;
    Watch watch(*context_, epoll, context_->listener->get());
    for (;;) {
      watch.apply();
      for (const epoll_event& event : epoll.wait(-1))
        if (watch.is_source(event.data.fd)) take(MSG_DONTWAIT);
    }
  }

  void run_blocking() {
    take_blocking(*context_, [this] { take(MSG_WAITFORONE); });
  }

 private:
  void take(int flags) {
    const unsigned limit = context_->plan.accept_behavior == AcceptBehavior::slow ? 1 : kBatchSize;
    const unsigned received = batch_.receive(context_->listener->get(), limit, flags);
    if (received == 0) return;
    count(context_->counts.received, received);
    batch_.answer(context_->listener->get(), received, context_->plan.reply, context_->index);
    context_->throttle();
  }

  std::shared_ptr<WorkerContext> context_;
  Batch batch_;
};

}  // namespace

void start_udp_worker(std::shared_ptr<WorkerContext> context) {
  const bool blocking =
      context->plan.accept_model == AcceptModel::shared && context->plan.wait_strategy == WaitStrategy::accept;
  const auto loop = std::make_shared<UdpLoop>(std::move(context));
  if (blocking) start_thread([loop] { loop->run_blocking(); });
  else start_thread([loop] { loop->run(); });
}

}  // namespace reuseport::lab
