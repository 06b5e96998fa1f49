// BPF programs that run before the socket lookup (BPF_PROG_TYPE_SK_LOOKUP, Linux 5.9), by network namespace.
#pragma once

#include <cstdint>
#include <vector>

namespace reuseport {

// Inodes of the network namespaces with such a program attached (bpf(2), BPF_LINK_GET_NEXT_ID), ascending, each once.
// Throws SystemError: EPERM without CAP_SYS_ADMIN in the initial user namespace, EINVAL before Linux 5.8, ENOSYS if
// there is no bpf(2).
std::vector<std::uint32_t> find_lookup_programs();

}  // namespace reuseport
