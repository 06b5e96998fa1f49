// Passes accepted connections from the dispatcher to a worker: within one process as a descriptor number through a
// pipe, to another process as a descriptor (SCM_RIGHTS, unix(7)).
#pragma once

#include <cstdint>

#include "common/unique_fd.h"

namespace reuseport::lab {

struct Handoff {
  UniqueFd dispatcher;
  UniqueFd worker;
};

// The channel to a worker in the dispatcher's own process, or in another. Both ends are non-blocking. Throws LabError.
Handoff make_handoff(bool same_process);

enum class HandoffResult : std::uint8_t { sent, retry, closed };
// `retry`: this worker's queue is full; `closed`: it is gone. Consumes the connection only if sent.
HandoffResult send_connection(int dispatcher_end, UniqueFd& connection);

// The next connection; none if none is queued.
UniqueFd receive_connection(int worker_end);

}  // namespace reuseport::lab
