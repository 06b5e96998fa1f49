// Who is at the other end of a unix socket. Abstract names have no file mode: any user can bind or connect to one.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "unique_fd.h"

namespace reuseport {

// The effective uid of the process that called connect(2) or listen(2), at that time; passing the socket on does not
// change it (SO_PEERCRED, unix(7)). Nothing if the kernel does not report it or it is ambiguous: all users without a
// mapping in this process's user namespace show as the overflow uid (user_namespaces(7)).
std::optional<uid_t> peer_uid(int connection);

// Connects to the abstract `name` (without its leading NUL) if `uid` listens on exactly that name; sends nothing before
// that is verified. The descriptor is non-blocking. None if nothing listens there or another user does. Throws
// SystemError: EAGAIN if the accept queue is full.
UniqueFd connect_to_user(const std::string& name, uid_t uid);

}  // namespace reuseport
