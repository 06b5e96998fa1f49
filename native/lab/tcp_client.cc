#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <vector>

#include "client.h"
#include "epoll.h"

namespace reuseport::lab {
namespace {

// Concurrent connections without a rate, over all threads: no more than fit a backlog of 128.
constexpr unsigned kMaxConcurrent = 128;
// How long to wait for answers after a request to stop.
constexpr std::int64_t kGracePeriod = 1'000'000'000;
constexpr char kRequest[] = "reuseport-lab\n\n";

class TcpClient {
 public:
  explicit TcpClient(const ClientContext& context)
      : context_(context),
        max_waiting_(context.plan.rate ? context.descriptors : std::max(1u, kMaxConcurrent / context.plan.threads)) {}

  void run() {
    while (!finished()) {
      std::int64_t now = now_ns();
      begin_due(now);
      for (const epoll_event& event : epoll_.wait(sleep(now_ns()))) ready(event.data.fd);
      now = now_ns();
      time_out(now);
      if (context_.stop_requested()) end_ = std::min(end_, now + kGracePeriod);
      if (now >= end_) finish_all();
    }
  }

 private:
  enum class Step : std::uint8_t { none, connecting, answering, held };
  struct Connection {
    std::int64_t begun = 0;
    Step step = Step::none;
  };
  struct Deadline {
    int fd;
    std::int64_t begun;
  };

  bool all_begun() const { return ended_ || begun_ == context_.share || context_.stop_requested(); }
  bool finished() {
    if (all_begun() && context_.stop_requested()) release_held();
    return all_begun() && waiting_ + held_ == 0;
  }

  bool may_begin() const { return waiting_ < max_waiting_ && waiting_ + held_ < context_.descriptors; }

  int sleep(std::int64_t now) const {
    if (all_begun() || !may_begin()) return ClientContext::sleep_until(end_, now);
    return ClientContext::sleep_until(context_.pacer.time_of(begun_), now);
  }

  void begin_due(std::int64_t now) {
    const std::uint64_t due = context_.pacer.due(now);
    // A few at a time, so that answers in between are read and timed promptly.
    for (int i = 0; i < 16 && begun_ < due && may_begin() && !all_begun(); i++) begin();
  }

  void begin() {
    const std::uint64_t number = begun_++;
    count(context_.counts.sent);
    const int family = context_.target.family() == Family::ipv4 ? AF_INET : AF_INET6;
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return count_error(errno);
    // Choose the port at connect(2), from those free for this target (ip(7)).
    const int late = 1;
    ::setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
    const Endpoint source = context_.source(number);
    if (::bind(fd.get(), source.raw(), source.length()) < 0) return count_error(errno);
    const std::int64_t begun = now_ns();
    if (::connect(fd.get(), context_.target.raw(), context_.target.length()) < 0 && errno != EINPROGRESS)
      return count_error(errno);

    const int number_of_fd = fd.get();
    if (connections_.size() <= static_cast<std::size_t>(number_of_fd)) connections_.resize(number_of_fd + 1);
    connections_[number_of_fd] = {.begun = begun, .step = Step::connecting};
    waiting_++;
    deadlines_.push_back({.fd = number_of_fd, .begun = begun});
    static_cast<void>(fd.release());  // closed by end()
    // Over loopback the handshake is already complete, unless the listener's queue is full.
    proceed(number_of_fd);
    if (connections_[number_of_fd].step == Step::none) return;
    const auto events =
        connections_[number_of_fd].step == Step::connecting ? EPOLLOUT | EPOLLONESHOT : EPOLLIN | EPOLLRDHUP;
    if (!epoll_.add(number_of_fd, events)) fail(number_of_fd, errno);
  }

  void ready(int fd) {
    switch (connections_[fd].step) {
      case Step::none:
        return;
      case Step::connecting:
        proceed(fd);
        if (connections_[fd].step == Step::none) return;
        epoll_.remove(fd);
        if (!epoll_.add(fd, connections_[fd].step == Step::connecting ? EPOLLOUT : EPOLLIN | EPOLLRDHUP))
          fail(fd, errno);
        return;
      case Step::answering:
        return read_answer(fd);
      case Step::held: {
        char byte;
        const ssize_t received = ::recv(fd, &byte, 1, MSG_DONTWAIT);
        if (received < 0 && errno == EAGAIN) return;
        return fail(fd, received < 0 ? errno : EPIPE);
      }
    }
  }

  // Advances without waiting: connects, and sends the request.
  void proceed(int fd) {
    Connection& connection = connections_[fd];
    if (context_.plan.exchange == Exchange::echo) {
      if (::send(fd, kRequest, sizeof kRequest, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof kRequest)
        connection.step = Step::answering;
      else if (errno != EAGAIN) fail(fd, errno);
      return;
    }
    // Called again, connect(2) reports the result.
    if (::connect(fd, context_.target.raw(), context_.target.length()) < 0 && errno != EISCONN) {
      if (errno != EALREADY && errno != EINPROGRESS) fail(fd, errno);
      return;
    }
    context_.board.record(now_ns() - connection.begun);
    if (context_.plan.exchange != Exchange::hold) return done(fd);
    connection.step = Step::held;
    waiting_--;
    held_++;
  }

  void read_answer(int fd) {
    char answer[sizeof kRequest];
    // It was sent in one segment, and comes back in one.
    const ssize_t received = ::recv(fd, answer, sizeof answer, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN) return;
    if (received < 0) return fail(fd, errno);
    if (received != sizeof answer || std::memcmp(answer, kRequest, sizeof answer) != 0) return fail(fd, EPIPE);
    context_.board.record(now_ns() - connections_[fd].begun);
    done(fd);
  }

  void time_out(std::int64_t now) {
    while (!deadlines_.empty() && now - deadlines_.front().begun >= context_.timeout) {
      const auto [fd, begun] = deadlines_.front();
      deadlines_.pop_front();
      if (still_waits(fd, begun)) fail(fd, ETIMEDOUT);
    }
    // Drop ended ones from the front, so that the queue holds little more than the open ones.
    while (!deadlines_.empty() && !still_waits(deadlines_.front().fd, deadlines_.front().begun)) deadlines_.pop_front();
  }
  bool still_waits(int fd, std::int64_t begun) const {
    const Connection& connection = connections_[fd];
    return connection.step != Step::none && connection.step != Step::held && connection.begun == begun;
  }

  void release_held() {
    for (std::size_t fd = 0; fd < connections_.size(); fd++)
      if (connections_[fd].step == Step::held) done(static_cast<int>(fd));
  }
  // At the deadline: held connections are done, the rest has timed out.
  void finish_all() {
    release_held();
    for (std::size_t fd = 0; fd < connections_.size(); fd++)
      if (connections_[fd].step != Step::none) fail(static_cast<int>(fd), ETIMEDOUT);
    ended_ = true;
  }

  void done(int fd) {
    count(context_.counts.done);
    end(fd);
  }
  void fail(int fd, int error) {
    count_error(error);
    end(fd);
  }
  void end(int fd) {
    const UniqueFd closed(fd);
    (connections_[fd].step == Step::held ? held_ : waiting_)--;
    connections_[fd].step = Step::none;
  }

  void count_error(int error) {
    switch (error) {
      case ECONNREFUSED:
        return count(context_.counts.refused);
      case ECONNRESET:
        return count(context_.counts.resets);
      case ETIMEDOUT:
        return count(context_.counts.timeouts);
      default:
        return count(context_.counts.other_errors);
    }
  }

  const ClientContext& context_;
  const unsigned max_waiting_;
  Epoll epoll_;
  std::vector<Connection> connections_;  // by descriptor
  std::deque<Deadline> deadlines_;       // in starting order
  std::uint64_t begun_ = 0;
  std::int64_t end_ = context_.end;
  bool ended_ = false;
  unsigned waiting_ = 0;  // for the handshake, or the answer
  unsigned held_ = 0;
};

}  // namespace

void run_tcp_client(const ClientContext& context) { TcpClient(context).run(); }

}  // namespace reuseport::lab
