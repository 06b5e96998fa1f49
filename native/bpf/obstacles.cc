#include "bpf/obstacles.h"

#include <bpf/btf.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

#include "common/system_error.h"

namespace reuseport::bpf {
namespace {

constexpr const char* kBtf = "/sys/kernel/btf/vmlinux";
// PROC_USER_INIT_INO, include/linux/proc_ns.h.
constexpr std::string_view kInitialUserNamespace = "user:[4026531837]";

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool in_initial_user_namespace() {
  char target[64];
  const auto length = ::readlink("/proc/self/ns/user", target, sizeof target);
  // Without /proc there is no telling; the other reasons remain.
  return length < 0 || std::string_view(target, static_cast<std::size_t>(length)) == kInitialUserNamespace;
}

bool has_capability(unsigned capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, data) < 0) return false;
  return (data[capability / 32].effective & (1U << (capability % 32))) != 0;
}

// The names of those it lacks. CAP_SYS_ADMIN includes both (bpf_capable() and perfmon_capable(),
// include/linux/capability.h).
std::string missing_capabilities() {
  if (has_capability(CAP_SYS_ADMIN)) return {};
  const bool bpf = has_capability(CAP_BPF);
  const bool perfmon = has_capability(CAP_PERFMON);
  if (bpf && perfmon) return {};
  if (bpf) return "CAP_PERFMON";
  return perfmon ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
}

// True where `enum bpf_func_id` has the helper.
bool has_helper(const btf* types, std::string_view name) {
  const auto id = ::btf__find_by_name_kind(types, "bpf_func_id", BTF_KIND_ENUM);
  if (id < 0) return false;
  const btf_type* type = ::btf__type_by_id(types, static_cast<std::uint32_t>(id));
  const auto* values = ::btf_enum(type);
  for (unsigned i = 0; i < ::btf_vlen(type); i++)
    if (name == ::btf__name_by_offset(types, values[i].name_off)) return true;
  return false;
}

bool has(const btf* types, const Requirement& required) {
  switch (required.kind) {
    case Requirement::Kind::structure:
      return ::btf__find_by_name_kind(types, required.name, BTF_KIND_STRUCT) > 0;
    case Requirement::Kind::helper:
      return has_helper(types, required.name);
    case Requirement::Kind::tracepoint:
      return ::btf__find_by_name_kind(types, required.name, BTF_KIND_TYPEDEF) > 0;
  }
  return false;
}

std::string release() {
  utsname system{};
  return ::uname(&system) == 0 ? std::string("Linux ") + system.release : "this kernel";
}

}  // namespace

std::string obstacle(int error, std::span<const Requirement> requirements) {
  if (!in_initial_user_namespace())
    return "BPF programs that read the kernel can be loaded only in the initial user namespace, and this process is in "
           "another one";
  const auto missing = missing_capabilities();
  if (!missing.empty()) return "it requires CAP_BPF and CAP_PERFMON, and this process lacks " + missing;
  if (text_of("/sys/kernel/security/lockdown").find("[confidentiality]") != std::string::npos)
    return "kernel lockdown (confidentiality) forbids BPF programs to read the kernel";
  if (::access(kBtf, R_OK) < 0)
    return std::string("this kernel has no BTF (") + kBtf + "): it was built without CONFIG_DEBUG_INFO_BTF";
  const std::unique_ptr<btf, decltype(&::btf__free)> types(::btf__parse(kBtf, nullptr), ::btf__free);
  if (types == nullptr) return std::string("the BTF of this kernel is not readable (") + kBtf + ")";
  for (const auto& required : requirements)
    if (!has(types.get(), required))
      return release() + " lacks " + required.name + ", which Linux " + required.since + " and later have";
  return std::string("the kernel refused the BPF program (") + std::strerror(error) + ")";
}

void drop_capabilities() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) throw SystemError("set no_new_privs", errno);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capset, &header, none) < 0) throw SystemError("drop capabilities", errno);
}

}  // namespace reuseport::bpf
