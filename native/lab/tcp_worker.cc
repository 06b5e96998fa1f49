#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "handover.h"
#include "thread.h"
#include "watch.h"
#include "worker.h"

namespace reuseport::lab {
namespace {

enum class Accepted : std::uint8_t { one, none, exhausted };

Accepted accept_one(int listener, UniqueFd& connection) {
  connection.reset(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (connection) return Accepted::one;
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return Accepted::exhausted;
    default:
      return Accepted::none;
  }
}

// The connections of one worker, each echoed until its client ends it.
class Connections {
 public:
  // `handed_over`: another process may still have a copy of a connection that is closed here, and then it stays in the
  // loop (epoll(7), question 6), under a number that is soon another's.
  Connections(Epoll& epoll, bool handed_over) : epoll_(epoll), handed_over_(handed_over) {}

  // Answers what is there already; the loop brings what comes later.
  void take(UniqueFd connection) {
    if (!echo(connection.get())) return;
    if (epoll_.add(connection.get(), EPOLLIN)) static_cast<void>(connection.release());  // ended by ready()
  }

  void ready(int fd) {
    if (echo(fd)) return;
    if (handed_over_) epoll_.remove(fd);
    const UniqueFd ended(fd);
  }

 private:
  // Whether the connection goes on. A client that does not read its echo is let go.
  static bool echo(int fd) {
    char bytes[4096];
    for (;;) {
      const ssize_t received = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
      if (received < 0) return errno == EAGAIN || errno == EINTR;
      if (received == 0) return false;
      if (::send(fd, bytes, static_cast<std::size_t>(received), MSG_DONTWAIT | MSG_NOSIGNAL) != received) return false;
      if (static_cast<std::size_t>(received) < sizeof bytes) return true;
    }
  }

  Epoll& epoll_;
  const bool handed_over_;
};

// Takes from its listener, or from what it is handed, and serves, all in one thread.
class TcpLoop {
 public:
  TcpLoop(std::shared_ptr<WorkerFrame> frame, UniqueFd handover)
      : frame_(std::move(frame)),
        handover_(std::move(handover)),
        watch_(*frame_, epoll_, handover_ ? handover_.get() : frame_->listener->get()) {}

  [[noreturn]] void run() {
    for (;;) {
      watch_.obey();
      for (const epoll_event& event : epoll_.wait(-1)) {
        const int fd = event.data.fd;
        if (watch_.is_source(fd)) take();
        else if (fd != frame_->wake.fd()) connections_.ready(fd);
      }
    }
  }

 private:
  void take() {
    UniqueFd connection;
    if (handover_) connection = take_over(handover_.get());
    else if (accept_one(frame_->listener->get(), connection) == Accepted::exhausted) frame_->catch_breath();
    if (!connection) return;
    count(frame_->counts.received);
    connections_.take(std::move(connection));
    frame_->be_slow();
  }

  std::shared_ptr<WorkerFrame> frame_;
  UniqueFd handover_;
  Epoll epoll_;
  Watch watch_;
  Connections connections_{epoll_, static_cast<bool>(handover_)};
};

// Waits in accept(2) in a thread of its own; a second one serves what it took.
class BlockingTcpLoop {
 public:
  explicit BlockingTcpLoop(std::shared_ptr<WorkerFrame> frame) : frame_(std::move(frame)) {}

  [[noreturn]] void serve() {
    for (;;)
      for (const epoll_event& event : epoll_.wait(-1)) connections_.ready(event.data.fd);
  }

  void take() {
    take_blocking(*frame_, [this] { take_one(); });
  }

 private:
  void take_one() {
    UniqueFd connection;
    if (accept_one(frame_->listener->get(), connection) == Accepted::exhausted) frame_->catch_breath();
    if (!connection) return;
    count(frame_->counts.received);
    connections_.take(std::move(connection));
    frame_->be_slow();
  }

  std::shared_ptr<WorkerFrame> frame_;
  Epoll epoll_;
  Connections connections_{epoll_, false};
};

// Accepts, and hands each connection to the next worker in turn; one whose queue is full is passed over.
class Dispatcher {
 public:
  Dispatcher(std::shared_ptr<WorkerFrame> frame, std::vector<UniqueFd> handovers)
      : frame_(std::move(frame)), handovers_(std::move(handovers)), watch_(*frame_, epoll_, frame_->listener->get()) {}

  [[noreturn]] void run() {
    for (;;) {
      watch_.obey();
      for (const epoll_event& event : epoll_.wait(-1))
        if (watch_.is_source(event.data.fd)) accept();
    }
  }

 private:
  void accept() {
    UniqueFd connection;
    const Accepted accepted = accept_one(frame_->listener->get(), connection);
    if (accepted == Accepted::exhausted) frame_->catch_breath();
    if (accepted != Accepted::one) return;
    while (!handed_over(connection)) {
      if (handovers_.empty()) return;  // no worker is left: the connection is closed
      frame_->catch_breath();
    }
    frame_->be_slow();
  }

  bool handed_over(UniqueFd& connection) {
    for (std::size_t tried = 0, all = handovers_.size(); tried < all; tried++) {
      next_ = next_ < handovers_.size() ? next_ : 0;
      switch (hand_over(handovers_[next_].get(), connection)) {
        case Handed::over:
          next_++;
          return true;
        case Handed::later:
          next_++;
          break;
        case Handed::never:
          handovers_.erase(handovers_.begin() + static_cast<std::ptrdiff_t>(next_));
          break;
      }
    }
    return false;
  }

  std::shared_ptr<WorkerFrame> frame_;
  std::vector<UniqueFd> handovers_;
  std::size_t next_ = 0;
  Epoll epoll_;
  Watch watch_;
};

}  // namespace

void start_tcp_worker(std::shared_ptr<WorkerFrame> frame, UniqueFd handover) {
  if (frame->plan.taking == Taking::shared && frame->plan.waiting == Waiting::accept) {
    const auto loop = std::make_shared<BlockingTcpLoop>(std::move(frame));
    start_thread([loop] { loop->serve(); });
    start_thread([loop] { loop->take(); });
    return;
  }
  const auto loop = std::make_shared<TcpLoop>(std::move(frame), std::move(handover));
  start_thread([loop] { loop->run(); });
}

void start_dispatcher(std::shared_ptr<WorkerFrame> frame, std::vector<UniqueFd> handovers) {
  const auto loop = std::make_shared<Dispatcher>(std::move(frame), std::move(handovers));
  start_thread([loop] { loop->run(); });
}

}  // namespace reuseport::lab
