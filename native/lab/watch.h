// Moves what a worker takes from in and out of its loop, as it is told.
#pragma once

#include "epoll.h"
#include "worker.h"

namespace reuseport::lab {

// `source` is the worker's listener, or what it is handed connections on.
class Watch {
 public:
  Watch(WorkerFrame& frame, Epoll& epoll, int source) : frame_(frame), epoll_(epoll), source_(source) {
    epoll_.add(frame_.wake.fd(), EPOLLIN | EPOLLET);
  }

  // Between two waits: what was ready by then has been taken, and nothing more will be.
  void obey() {
    const Doing wanted = frame_.command.wanted();
    if (told_ && wanted == now_) return;
    if (now_ == Doing::taking) epoll_.remove(source_);
    if (wanted == Doing::taking) epoll_.add(source_, frame_.readiness());
    if (wanted == Doing::closed) frame_.listener.reset();
    now_ = wanted;
    told_ = true;
    frame_.command.obeyed(wanted);
  }

  bool is_source(int fd) const { return now_ == Doing::taking && fd == source_; }

 private:
  WorkerFrame& frame_;
  Epoll& epoll_;
  const int source_;
  Doing now_ = Doing::resting;
  bool told_ = false;
};

}  // namespace reuseport::lab
