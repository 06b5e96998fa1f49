// The states of sockets as the kernel numbers them, for TCP and UDP (include/net/tcp_states.h).
#pragma once

namespace reuseport {

constexpr unsigned kEstablished = 1;
constexpr unsigned kSynRecv = 3;
constexpr unsigned kClose = 7;
constexpr unsigned kCloseWait = 8;
constexpr unsigned kListen = 10;
constexpr unsigned kNewSynRecv = 12;
// Used in requests only: such sockets are reported as kClose.
constexpr unsigned kBoundInactive = 13;

}  // namespace reuseport
