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

constexpr unsigned kTogether = 64;
// Longer datagrams are cut, and their echo with them.
constexpr std::size_t kLongest = 2048;

// Room for the datagrams of one recvmmsg(2), and for their answers, which go back in one sendmmsg(2).
class Batch {
 public:
  Batch() {
    for (unsigned i = 0; i < kTogether; i++) {
      received_parts_[i] = {.iov_base = received_[i].data(), .iov_len = kLongest};
      headers_[i].msg_hdr.msg_iov = &received_parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
      headers_[i].msg_hdr.msg_name = &clients_[i];
    }
  }

  // Receives at most `most`, waiting for the first as the socket does. Gives how many.
  unsigned receive(int socket, unsigned most, int flags) {
    for (unsigned i = 0; i < most; i++) headers_[i].msg_hdr.msg_namelen = sizeof clients_[i];
    const int received = ::recvmmsg(socket, headers_.data(), most, flags, nullptr);
    return received > 0 ? static_cast<unsigned>(received) : 0;
  }

  // Answers the first `received` of them. An answer that the kernel does not take is left out: clients count it.
  void answer(int socket, unsigned received, Answer how, unsigned worker) {
    unsigned answers = 0;
    for (unsigned i = 0; i < received; i++) {
      const std::span<char> datagram(received_[i].data(), std::min<std::size_t>(headers_[i].msg_len, kLongest));
      const std::size_t size = how == Answer::dns ? answer_dns(datagram, worker, answers_[i])
                                                  : answer_echo(datagram, worker, answers_[i]);
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
  using Bytes = std::array<char, kLongest>;

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

  std::array<Bytes, kTogether> received_{};
  std::array<Bytes, kTogether> answers_{};
  std::array<sockaddr_storage, kTogether> clients_{};
  std::array<iovec, kTogether> received_parts_{}, answer_parts_{};
  std::array<mmsghdr, kTogether> headers_{}, answer_headers_{};
};

class UdpLoop {
 public:
  explicit UdpLoop(std::shared_ptr<WorkerFrame> frame) : frame_(std::move(frame)) {}

  [[noreturn]] void run() {
    Epoll epoll;
    Watch watch(*frame_, epoll, frame_->listener->get());
    for (;;) {
      watch.obey();
      for (const epoll_event& event : epoll.wait(-1))
        if (watch.is_source(event.data.fd)) take(MSG_DONTWAIT);
    }
  }

  void run_blocking() {
    take_blocking(*frame_, [this] { take(MSG_WAITFORONE); });
  }

 private:
  void take(int flags) {
    const unsigned together = frame_->plan.accepting == Accepting::slow ? 1 : kTogether;
    const unsigned received = batch_.receive(frame_->listener->get(), together, flags);
    if (received == 0) return;
    count(frame_->counts.received, received);
    batch_.answer(frame_->listener->get(), received, frame_->plan.answer, frame_->index);
    frame_->be_slow();
  }

  std::shared_ptr<WorkerFrame> frame_;
  Batch batch_;
};

}  // namespace

void start_udp_worker(std::shared_ptr<WorkerFrame> frame) {
  const bool blocking = frame->plan.taking == Taking::shared && frame->plan.waiting == Waiting::accept;
  const auto loop = std::make_shared<UdpLoop>(std::move(frame));
  if (blocking) start_thread([loop] { loop->run_blocking(); });
  else start_thread([loop] { loop->run(); });
}

}  // namespace reuseport::lab
