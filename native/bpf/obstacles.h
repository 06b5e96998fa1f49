// Why a BPF program cannot be loaded here, in one sentence; and giving up the permissions that loading requires.
#pragma once

#include <span>
#include <stdexcept>
#include <string>

namespace reuseport::bpf {

// What a program needs of the kernel, by its name in BTF.
struct Requirement {
  enum class Kind { structure, helper, tracepoint };
  Kind kind;
  const char* name;
  // The first Linux that has it.
  const char* since;
};

// Something that this machine, or this process, does not allow; what() is a sentence for the user.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The reason why loading failed with `error` (errno). Reads /proc, /sys and the kernel's BTF.
std::string obstacle(int error, std::span<const Requirement> requirements);

// Gives up every capability, also for programs that would be started. Throws SystemError.
void drop_capabilities();

}  // namespace reuseport::bpf
