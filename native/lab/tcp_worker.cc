#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "handoff.h"
#include "thread.h"
#include "watch.h"
#include "worker.h"

namespace reuseport::lab {
namespace {

bool means_exhausted(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

// Waits a little where the process has run out of descriptors or memory.
UniqueFd accept_one(WorkerContext& context) {
  UniqueFd connection(::accept4(context.listener->get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection && means_exhausted(errno)) context.back_off();
  return connection;
}

// The connections of one worker, each echoed until its client closes it.
class Connections {
 public:
  // `handed_off`: another process may still have a copy of a connection that is closed here; it would then stay in the
  // epoll set (epoll(7), question 6) under a descriptor number that is soon reused.
  Connections(Epoll& epoll, bool handed_off) : epoll_(epoll), handed_off_(handed_off) {}

  // Counts a new connection, if there is one, and echoes what has already arrived; the loop handles the rest.
  void take(WorkerContext& context, UniqueFd connection) {
    if (!connection) return;
    count(context.counts.received);
    if (echo(connection.get()) && epoll_.add(connection.get(), EPOLLIN))
      static_cast<void>(connection.release());  // closed by ready()
    context.throttle();
  }

  void ready(int fd) {
    if (echo(fd)) return;
    if (handed_off_) epoll_.remove(fd);
    const UniqueFd ended(fd);
  }

 private:
  // False if the connection has ended. A client that does not read its echo is disconnected.
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
  const bool handed_off_;
};

// Accepts from its listener, or receives from the dispatcher, and serves, all in one thread.
class TcpLoop {
 public:
  TcpLoop(std::shared_ptr<WorkerContext> context, UniqueFd handoff)
      : context_(std::move(context)),
        handoff_(std::move(handoff)),
        watch_(*context_, epoll_, handoff_ ? handoff_.get() : context_->listener->get()) {}

  [[noreturn]] void run() {
    for (;;) {
      watch_.apply();
      for (const epoll_event& event : epoll_.wait(-1)) {
        const int fd = event.data.fd;
        if (watch_.is_source(fd)) take();
        else if (fd != context_->wake.fd()) connections_.ready(fd);
      }
    }
  }

 private:
  void take() { connections_.take(*context_, handoff_ ? receive_connection(handoff_.get()) : accept_one(*context_)); }

  std::shared_ptr<WorkerContext> context_;
  UniqueFd handoff_;
  Epoll epoll_;
  Watch watch_;
  Connections connections_{epoll_, static_cast<bool>(handoff_)};
};

// Blocks in accept(2) in one thread; a second one serves the connections.
class BlockingTcpLoop {
 public:
  explicit BlockingTcpLoop(std::shared_ptr<WorkerContext> context) : context_(std::move(context)) {}

  [[noreturn]] void serve() {
    for (;;)
      for (const epoll_event& event : epoll_.wait(-1)) connections_.ready(event.data.fd);
  }

  void take() {
    take_blocking(*context_, [this] { connections_.take(*context_, accept_one(*context_)); });
  }

 private:
  std::shared_ptr<WorkerContext> context_;
  Epoll epoll_;
  Connections connections_{epoll_, false};
};

// Accepts, and hands each connection to the next worker, round-robin; skips workers with a full queue.
class Dispatcher {
 public:
  Dispatcher(std::shared_ptr<WorkerContext> context, std::vector<UniqueFd> handoffs)
      : context_(std::move(context)),
        handoffs_(std::move(handoffs)),
        watch_(*context_, epoll_, context_->listener->get()) {}

  [[noreturn]] void run() {
    for (;;) {
      watch_.apply();
      for (const epoll_event& event : epoll_.wait(-1))
        if (watch_.is_source(event.data.fd)) accept();
    }
  }

 private:
  void accept() {
    UniqueFd connection = accept_one(*context_);
    if (!connection) return;
    while (!hand_off(connection)) {
      if (handoffs_.empty()) return;  // no worker is left: the connection is closed
      context_->back_off();
    }
    context_->throttle();
  }

  bool hand_off(UniqueFd& connection) {
    for (std::size_t tried = 0, all = handoffs_.size(); tried < all; tried++) {
      next_ = next_ < handoffs_.size() ? next_ : 0;
      switch (send_connection(handoffs_[next_].get(), connection)) {
        case HandoffResult::sent:
          next_++;
          return true;
        case HandoffResult::retry:
          next_++;
          break;
        case HandoffResult::closed:
          handoffs_.erase(handoffs_.begin() + static_cast<std::ptrdiff_t>(next_));
          break;
      }
    }
    return false;
  }

  std::shared_ptr<WorkerContext> context_;
  std::vector<UniqueFd> handoffs_;
  std::size_t next_ = 0;
  Epoll epoll_;
  Watch watch_;
};

}  // namespace

void start_tcp_worker(std::shared_ptr<WorkerContext> context, UniqueFd handoff) {
  if (context->plan.accept_model == AcceptModel::shared && context->plan.wait_strategy == WaitStrategy::accept) {
    const auto loop = std::make_shared<BlockingTcpLoop>(std::move(context));
    start_thread([loop] { loop->serve(); });
    start_thread([loop] { loop->take(); });
    return;
  }
  const auto loop = std::make_shared<TcpLoop>(std::move(context), std::move(handoff));
  start_thread([loop] { loop->run(); });
}

void start_dispatcher(std::shared_ptr<WorkerContext> context, std::vector<UniqueFd> handoffs) {
  const auto loop = std::make_shared<Dispatcher>(std::move(context), std::move(handoffs));
  start_thread([loop] { loop->run(); });
}

}  // namespace reuseport::lab
