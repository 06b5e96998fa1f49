// Whether sock_diag lists TCP sockets that are bound but not listening.
#pragma once

namespace reuseport {

// TCPF_BOUND_INACTIVE (inet_diag_dump_icsk() in net/ipv4/inet_diag.c), Linux 6.8; older kernels ignore the bit and omit
// such sockets without an error. So this binds a socket to a free port in the caller's network namespace for the
// duration of one dump, and looks for it there. Throws SystemError.
bool lists_bound_tcp();

}  // namespace reuseport
