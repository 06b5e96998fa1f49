// How an accepted connection goes from the dispatcher to a worker: as a number through a pipe within one process, as a
// descriptor (SCM_RIGHTS, unix(7)) to another.
#pragma once

#include <cstdint>

#include "unique_fd.h"

namespace reuseport::lab {

struct Handover {
  UniqueFd dispatcher;
  UniqueFd worker;
};

// The way to a worker of the dispatcher's own process, or of another. Neither end blocks. Throws LabError.
Handover make_handover(bool same_process);

enum class Handed : std::uint8_t { over, later, never };
// `later`: this worker's queue is full; `never`: it is gone. Takes the connection only where it is handed over.
Handed hand_over(int dispatcher_end, UniqueFd& connection);

// The next connection handed over; none where there is none (yet).
UniqueFd take_over(int worker_end);

}  // namespace reuseport::lab
