// A process of the lab beside its supervisor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <span>

namespace reuseport::lab {

// Forks a process that runs `work` and ends. It holds no descriptor but standard error and `keep`, has the default
// signal behaviour of its parent at the start of the program, and ends (SIGKILL) with the thread that calls this, so
// that nothing is left of it. Called by a process with one thread. Gives its pid. Throws LabError.
pid_t start_process(std::span<const int> keep, const std::function<void()>& work);

// Asks the kernel to end this process with its parent. Changing the uid forgets it (commit_creds() in kernel/cred.c),
// so it is asked for again after that. Ends this process where `parent` is gone already.
void end_with(pid_t parent);

}  // namespace reuseport::lab
