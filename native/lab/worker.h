// A worker: a thread that takes connections or datagrams and answers them, until its process ends.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "command.h"
#include "counters.h"
#include "epoll.h"
#include "protocol.h"
#include "unique_fd.h"

namespace reuseport::lab {

// A listener in one process, shared by the workers there that take from it; closed when the last of them lets go.
using Listener = std::shared_ptr<const UniqueFd>;

// What the loops of all kinds of worker have in common.
struct WorkerFrame {
  WorkerFrame(unsigned number, const ListenPlan& the_plan, WorkerCounts& its_counts, const Wake& process_wake,
              Listener its_listener)
      : index(number),
        plan(the_plan),
        counts(its_counts),
        wake(process_wake),
        listener(std::move(its_listener)),
        command(plan.accepting == Accepting::never ? Doing::resting : Doing::taking) {}

  // After each connection or datagram of a slow worker.
  void be_slow() {
    if (plan.accepting == Accepting::slow) command.pause(Doing::taking, std::chrono::microseconds(plan.delay_us));
  }
  // After the kernel had no descriptor or memory for what waits in the queue.
  void catch_breath() { command.pause(command.wanted(), std::chrono::milliseconds(10)); }

  // How a loop watches the listener.
  std::uint32_t readiness() const {
    const bool exclusive = plan.taking == Taking::shared && plan.waiting == Waiting::epoll_exclusive;
    return exclusive ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN;
  }

  const unsigned index;
  const ListenPlan& plan;
  WorkerCounts& counts;
  const Wake& wake;
  Listener listener;
  Command command;
};

// The loop of a worker that waits in the system call that takes; `take_one` returns after a short while also without
// having taken (SO_RCVTIMEO), to see what it was told. Returns when the listener is let go.
template <typename TakeOne>
void take_blocking(WorkerFrame& frame, TakeOne take_one) {
  for (;;) {
    const Doing now = frame.command.wanted();
    if (now == Doing::closed) frame.listener.reset();
    frame.command.obeyed(now);
    switch (now) {
      case Doing::closed:
        return;
      case Doing::resting:
        frame.command.wait_for_other_than(now);
        break;
      case Doing::taking:
        while (frame.command.wanted() == Doing::taking) take_one();
        break;
    }
  }
}

// Begins the worker's threads, which end with the process. `handover`: the descriptor that a dispatcher's worker is
// handed connections on, else none. Throws LabError where a thread cannot be made.
void start_tcp_worker(std::shared_ptr<WorkerFrame> frame, UniqueFd handover);
void start_udp_worker(std::shared_ptr<WorkerFrame> frame);
// The thread that accepts for others and hands on; counts nothing itself. `handovers` in the order of the workers.
void start_dispatcher(std::shared_ptr<WorkerFrame> frame, std::vector<UniqueFd> handovers);

}  // namespace reuseport::lab
