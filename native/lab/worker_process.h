// A process of workers: runs commands until the supervisor ends.
#pragma once

#include <vector>

#include "child_process.h"
#include "commands.h"
#include "counters.h"
#include "handoff.h"
#include "protocol.h"

namespace reuseport::lab {

// The channel on which a worker receives connections.
struct WorkerHandoff {
  unsigned worker;
  int fd;
};

// What a worker process inherits from its parent; it owns the descriptors.
struct WorkerProcessPlan {
  const ListenPlan& plan;
  Credentials credentials;
  SharedArray<WorkerCounts>& counts;
  int shared_listener = -1;                      // for the accept models with one listener
  unsigned sharers = 0;                          // threads in this process that accept from it
  std::vector<WorkerHandoff> worker_handoffs{};  // for a dispatcher's workers in this process
  std::vector<int> dispatcher_handoffs{};        // for the dispatcher, in the order of the workers
  int sock_array = -1;                           // for Steering::sock_array: the array, and the program that picks
  int sock_array_program = -1;
};

// The supervisor's view of one.
struct WorkerProcess {
  pid_t pid = -1;  // -1 when it has ended
  CommandChannel commands;
  unsigned workers = 0;
  bool own_credentials = false;  // different from the plan's

  // Like CommandChannel::execute(), but kills a process that does not report: a late report would be taken for the
  // next.
  MemberFacts execute(const Command& command);
};

// Starts one; returns when it runs as the right user. Throws LabError; then none is left.
WorkerProcess start_worker_process(const WorkerProcessPlan& what);

}  // namespace reuseport::lab
