// Network namespaces: opening one with a sock_diag socket inside, and running code inside one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "unique_fd.h"

namespace reuseport {

// True for an errno that means there is no sock_diag at all, or none for this protocol: no netlink (gVisor, seccomp),
// no handler (the module tcp_diag or udp_diag is not loaded and cannot be: inet_diag_lock_handler(),
// sock_diag_rcv_msg()), or no NETLINK_SOCK_DIAG in the kernel. Any other errno is a transient failure.
bool means_no_sock_diag(int error);

// A network namespace that is held open. A netlink socket stays in the namespace where it was created and can be used
// from any thread (netlink_create() in net/netlink/af_netlink.c).
struct OpenNamespace {
  std::uint32_t inode = 0;  // of the namespace in nsfs, the number in "net:[4026531840]" (namespaces(7))
  UniqueFd netlink;         // NETLINK_SOCK_DIAG, close-on-exec, blocking; none if the kernel or a sandbox refuses it
  int netlink_error = 0;    // the errno if there is none
  UniqueFd descriptor;      // the namespace itself, for run_within; keeps it alive
};

// Opens the network namespace at `path` (/proc/PID/ns/net, /run/netns/NAME), or the caller's own for nullopt, which
// needs no permissions. The calling thread never changes its namespace: a helper thread does. Throws SystemError:
// ENOENT if the path does not exist, EINVAL if it is not a network namespace, EACCES if the path is not accessible,
// EPERM if setns(2) is refused (it needs CAP_SYS_ADMIN in both user namespaces). A missing netlink socket is not an
// error: /proc/net of the namespace is still readable.
OpenNamespace open_namespace(const std::optional<std::string>& path);

// The same for an open network namespace; takes ownership of the descriptor. Throws SystemError as above.
OpenNamespace open_namespace(UniqueFd descriptor);

// Keeps the calling thread inside a network namespace for its lifetime. Does nothing if the thread is already there, so
// an unprivileged caller can visit its own. Throws SystemError if entering is refused. Aborts the process if the thread
// cannot return: continuing in the wrong namespace would show wrong data.
class NamespaceVisit {
 public:
  explicit NamespaceVisit(int namespace_fd);
  ~NamespaceVisit();
  NamespaceVisit(const NamespaceVisit&) = delete;
  NamespaceVisit& operator=(const NamespaceVisit&) = delete;

 private:
  UniqueFd home_;  // none if the thread was already there
};

// Runs `action` on this thread inside the namespace and returns its result. The thread is back in its own namespace
// afterwards, also if `action` throws.
template <typename Action>
decltype(auto) run_within(int namespace_fd, Action&& action) {
  const NamespaceVisit visit(namespace_fd);
  return std::forward<Action>(action)();
}

}  // namespace reuseport
