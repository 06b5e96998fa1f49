// Whether TCP sockets that are bound and do not listen can be seen.
#pragma once

namespace reuseport {

// Whether sock_diag lists them: TCPF_BOUND_INACTIVE (inet_diag_dump_icsk() in net/ipv4/inet_diag.c), Linux 6.8; older
// kernels take the bit for nothing, and answer without an error and without them. So the kernel is shown one: a socket
// is bound to a free port in the caller's network namespace, for as long as one dump takes. Throws SystemError.
bool lists_bound_tcp();

}  // namespace reuseport
