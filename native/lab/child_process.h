// Child processes of the lab's supervisor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <span>

namespace reuseport::lab {

// Forks a process that runs `work` and exits. It keeps no descriptors but standard error and `keep`, has no blocked
// signals, and is killed (SIGKILL) when the calling thread ends, so that it never outlives it. Call from a
// single-threaded process. Returns its pid. Throws LabError.
pid_t start_process(std::span<const int> keep, const std::function<void()>& work);

// Makes the kernel kill this process when its parent ends. Changing the uid resets this (commit_creds() in
// kernel/cred.c), so call it again afterwards. Exits if `parent` is already gone.
void die_with_parent(pid_t parent);

}  // namespace reuseport::lab
