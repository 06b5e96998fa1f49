// Who is at the other end of a unix socket. An abstract name has no file mode: anybody may bind it, and anybody connect.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "unique_fd.h"

namespace reuseport {

// The effective uid that connected, or that called listen(2), as it was then: a process that inherited the socket later
// does not change it (SO_PEERCRED, unix(7)). Nothing where the kernel does not say, and where this process could take one
// user for another: users without a place in its user namespace all show as the overflow uid (user_namespaces(7)).
std::optional<uid_t> peer_uid(int connection);

// Connects to the abstract `name` (without its leading NUL) where `uid` listens on exactly that name; nothing is said
// before that is known. The descriptor does not block. None where nobody listens there, or somebody else does. Throws
// SystemError: EAGAIN where the accept queue is full.
UniqueFd connect_to_user(const std::string& name, uid_t uid);

}  // namespace reuseport
