// A process of workers: does what it is ordered, until the orders end.
#pragma once

#include <vector>

#include "child_process.h"
#include "counters.h"
#include "handover.h"
#include "orders.h"
#include "protocol.h"

namespace reuseport::lab {

// Where a worker is handed connections on.
struct WorkerHandover {
  unsigned worker;
  int fd;
};

// What a worker process needs of its parent; the descriptors are taken over.
struct WorkerProcessPlan {
  const ListenPlan& plan;
  Credentials credentials;
  SharedArray<WorkerCounts>& counts;
  int shared_listener = -1;              // of the ways of taking with one listener
  unsigned sharers = 0;                  // threads here that take from it
  std::vector<WorkerHandover> handed{};  // of a dispatcher's workers here
  std::vector<int> handing{};            // of the dispatcher, in the order of the workers
};

// Supervisor's view of one.
struct WorkerProcess {
  pid_t pid = -1;  // -1 when it has ended
  OrderChannel orders;
  unsigned workers = 0;
  bool own_credentials = false;  // others than the plan's

  // As OrderChannel::give(), and kills a process that does not answer: a late report would be taken for the next one's.
  MemberFacts give(const Order& order);
};

// Starts one; returns when it runs as the user it should. Throws LabError, after which there is none.
WorkerProcess start_worker_process(const WorkerProcessPlan& what);

}  // namespace reuseport::lab
