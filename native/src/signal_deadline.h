// The end of a process that was asked to end, and is held up.
#pragma once

#include <chrono>

namespace reuseport {

// From now on SIGINT and SIGTERM end this process with `status`, at the latest so long after they came: its main thread
// may be in a long computation, or in exit(3), which waits for threads that wait for a disk or a FIFO. Its own handlers,
// which must be there already, run first. Throws SystemError.
void end_after_signal(std::chrono::milliseconds grace, int status);

}  // namespace reuseport
