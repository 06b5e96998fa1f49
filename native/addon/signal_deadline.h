// Ends a process that does not exit in time after a signal.
#pragma once

#include <chrono>

namespace reuseport {

// From now on SIGINT and SIGTERM end this process with `status` after `grace_period` at the latest: its main thread may
// be in a long computation, or in exit(3), which waits for threads that are blocked on a disk or a FIFO. Its own
// handlers, which must already be installed, run first. Throws SystemError.
void end_after_signal(std::chrono::milliseconds grace_period, int status);

}  // namespace reuseport
