// Network namespaces: a sock_diag socket inside one, and code that runs inside one for a moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "unique_fd.h"

namespace reuseport {

// True for an errno by which the kernel, or what stands before it, says that it has no sock_diag at all, or none of this
// protocol: no netlink (gVisor, seccomp), no handler (the module tcp_diag or udp_diag is neither there nor can it be
// loaded: inet_diag_lock_handler(), sock_diag_rcv_msg()), nobody who listens to NETLINK_SOCK_DIAG. Any other errno is a
// fault of the moment.
bool means_no_sock_diag(int error);

// A network namespace that is held open. A netlink socket stays in the namespace where it was made and may be used
// from any thread (netlink_create() in net/netlink/af_netlink.c).
struct OpenNamespace {
  std::uint32_t inode = 0;  // of the namespace in nsfs, the number in "net:[4026531840]" (namespaces(7))
  UniqueFd netlink;         // NETLINK_SOCK_DIAG, close-on-exec, blocking; none where the kernel or a sandbox has none for us
  int netlink_error = 0;    // the errno for that
  UniqueFd descriptor;      // the namespace itself, for run_within; keeps it alive
};

// Opens the network namespace named by `path` (/proc/PID/ns/net, /run/netns/NAME), or the caller's own for nullopt,
// which needs no rights. The calling thread never changes its namespace: a helper thread does.
// Throws SystemError: ENOENT where the path is gone, EINVAL where it is anything but a network namespace, EACCES where
// the path may not be looked at, EPERM where setns(2) is refused (it needs CAP_SYS_ADMIN in both user namespaces). That
// there is no netlink socket is no error: /proc/net of the namespace can still be read.
OpenNamespace open_namespace(const std::optional<std::string>& path);

// The same for a network namespace that somebody opened: takes the descriptor over. Throws SystemError as above.
OpenNamespace open_namespace(UniqueFd descriptor);

// Holds the calling thread inside a network namespace for as long as it lives. Enters none where the thread is already
// there, so an unprivileged caller may visit its own. Throws SystemError where entering is refused. When the way back
// fails the process ends: going on in the wrong namespace would show wrong facts.
class NamespaceVisit {
 public:
  explicit NamespaceVisit(int namespace_fd);
  ~NamespaceVisit();
  NamespaceVisit(const NamespaceVisit&) = delete;
  NamespaceVisit& operator=(const NamespaceVisit&) = delete;

 private:
  UniqueFd home_;  // none where the thread was there already
};

// Runs `action` on this thread inside the namespace and gives what it gives; the thread is home again afterwards, also
// when `action` throws.
template <typename Action>
decltype(auto) run_within(int namespace_fd, Action&& action) {
  const NamespaceVisit visit(namespace_fd);
  return std::forward<Action>(action)();
}

}  // namespace reuseport
