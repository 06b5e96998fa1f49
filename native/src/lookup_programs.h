// BPF programs that decide before the lookup of a socket (BPF_PROG_TYPE_SK_LOOKUP, Linux 5.9), by network namespace.
#pragma once

#include <cstdint>
#include <vector>

namespace reuseport {

// Numbers of the network namespaces that such a program is attached to (bpf(2), BPF_LINK_GET_NEXT_ID), ascending, each
// once. Throws SystemError: EPERM without CAP_SYS_ADMIN in the first user namespace, EINVAL where the kernel is older
// than 5.8, ENOSYS where it has no bpf(2).
std::vector<std::uint32_t> find_lookup_programs();

}  // namespace reuseport
