// A worker: a thread that accepts connections or receives datagrams and answers them, until its process ends.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "common/unique_fd.h"
#include "counters.h"
#include "epoll.h"
#include "protocol.h"
#include "worker_control.h"

namespace reuseport::lab {

// A listener in one process, shared by its workers there; closed when the last one releases it.
using Listener = std::shared_ptr<const UniqueFd>;

// Shared by the loops of all worker types.
struct WorkerContext {
  WorkerContext(unsigned number, const ListenPlan& the_plan, WorkerCounts& its_counts, const Wake& process_wake,
                Listener its_listener)
      : index(number),
        plan(the_plan),
        counts(its_counts),
        wake(process_wake),
        listener(std::move(its_listener)),
        control(plan.accept_behavior == AcceptBehavior::never ? WorkerState::paused : WorkerState::accepting) {}

  // Call after each connection or datagram: slow workers pause.
  void throttle() {
    if (plan.accept_behavior == AcceptBehavior::slow)
      control.pause(WorkerState::accepting, std::chrono::microseconds(plan.delay_us));
  }
  // Call after the kernel had no descriptor or memory for a queued connection.
  void back_off() { control.pause(control.target(), std::chrono::milliseconds(10)); }

  // The epoll events to poll the listener for.
  std::uint32_t epoll_events() const {
    const bool exclusive =
        plan.accept_model == AcceptModel::shared && plan.wait_strategy == WaitStrategy::epoll_exclusive;
    return exclusive ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN;
  }

  const unsigned index;
  const ListenPlan& plan;
  WorkerCounts& counts;
  const Wake& wake;
  Listener listener;
  WorkerControl control;
};

// The loop of a worker that blocks in accept(2) or recvmmsg(2); `take_one` returns after a short timeout (SO_RCVTIMEO),
// so that the target state is checked. Returns when the listener is closed.
template <typename TakeOne>
void take_blocking(WorkerContext& context, TakeOne take_one) {
  for (;;) {
    const WorkerState now = context.control.target();
    if (now == WorkerState::closed) context.listener.reset();
    context.control.set_applied(now);
    switch (now) {
      case WorkerState::closed:
        return;
      case WorkerState::paused:
        context.control.wait_for_change(now);
        break;
      case WorkerState::accepting:
        while (context.control.target() == WorkerState::accepting) take_one();
        break;
    }
  }
}

// Starts the worker's threads, which end with the process. `handoff`: where a dispatcher's worker receives connections,
// else none. Throws LabError if a thread cannot be started.
void start_tcp_worker(std::shared_ptr<WorkerContext> context, UniqueFd handoff);
void start_udp_worker(std::shared_ptr<WorkerContext> context);
// Starts the thread that accepts and hands off; it has no counter of its own. `handoffs` in the order of the workers.
void start_dispatcher(std::shared_ptr<WorkerContext> context, std::vector<UniqueFd> handoffs);

}  // namespace reuseport::lab
