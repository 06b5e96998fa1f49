// Why a BPF program cannot be loaded here, in one sentence; and giving up the permissions that loading requires.
#pragma once

#include <cerrno>
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
inline constexpr Requirement kInetSockSetState{Requirement::Kind::tracepoint, "btf_trace_inet_sock_set_state", "4.16"};
inline constexpr Requirement kTaskFileIterator{Requirement::Kind::structure, "bpf_iter__task_file", "5.8"};
inline constexpr Requirement kRingbufOutput{Requirement::Kind::helper, "BPF_FUNC_ringbuf_output", "5.8"};
inline constexpr Requirement kSkStorageIterator{Requirement::Kind::structure, "bpf_iter__bpf_sk_storage_map", "5.9"};
inline constexpr Requirement kSockFromFile{Requirement::Kind::helper, "BPF_FUNC_sock_from_file", "5.11"};
inline constexpr Requirement kLoop{Requirement::Kind::helper, "BPF_FUNC_loop", "5.17"};
inline constexpr Requirement kSkDataReady{Requirement::Kind::tracepoint, "btf_trace_sk_data_ready", "6.3"};

// Something that this machine, or this process, does not allow; what() is a sentence for the user.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The reason why loading failed with `error` (errno). Reads /proc, /sys and the kernel's BTF.
std::string obstacle(int error, std::span<const Requirement> requirements);

// `loaded`, unless it is null: then throws Unavailable, with the reason by errno.
template <typename T>
T* expect_loaded(T* loaded, std::span<const Requirement> requirements) {
  if (loaded == nullptr) throw Unavailable(obstacle(errno, requirements));
  return loaded;
}

// Gives up every capability, also for programs that would be started. Throws SystemError.
void drop_capabilities();

}  // namespace reuseport::bpf
