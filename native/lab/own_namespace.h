// A network namespace without a name: it ends with its processes.
#pragma once

#include <cstdint>
#include <optional>

namespace reuseport::lab {

// Puts this process (of one thread) into a new network namespace whose loopback interface is up; without root into a
// new user namespace with it. `migrate_requests`: its net.ipv4.tcp_migrate_req. Throws LabError; EPERM where the
// machine does not allow it.
void enter_own_namespace(std::optional<bool> migrate_requests);

// The inode of this process's network namespace. Throws LabError.
std::uint32_t network_namespace();

}  // namespace reuseport::lab
