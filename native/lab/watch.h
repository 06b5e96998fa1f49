// Adds a worker's source of connections to its event loop and removes it, following the worker's control.
#pragma once

#include "epoll.h"
#include "worker.h"

namespace reuseport::lab {

// `source`: the worker's listener, or the channel on which it receives connections.
class Watch {
 public:
  Watch(WorkerContext& context, Epoll& epoll, int source) : context_(context), epoll_(epoll), source_(source) {
    epoll_.add(context_.wake.fd(), EPOLLIN | EPOLLET);
  }

  // Call between two waits, so that everything that was ready has been accepted.
  void apply() {
    const WorkerState target = context_.control.target();
    if (applied_ && target == state_) return;
    if (state_ == WorkerState::accepting) epoll_.remove(source_);
    if (target == WorkerState::accepting) epoll_.add(source_, context_.epoll_events());
    if (target == WorkerState::closed) context_.listener.reset();
    state_ = target;
    applied_ = true;
    context_.control.set_applied(target);
  }

  bool is_source(int fd) const { return state_ == WorkerState::accepting && fd == source_; }

 private:
  WorkerContext& context_;
  Epoll& epoll_;
  const int source_;
  WorkerState state_ = WorkerState::paused;
  bool applied_ = false;
};

}  // namespace reuseport::lab
