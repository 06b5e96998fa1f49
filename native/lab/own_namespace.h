// A private network namespace without a name: it ends with its processes.
#pragma once

#include <cstdint>
#include <optional>

namespace reuseport::lab {

// Moves this single-threaded process into a new network namespace with its loopback interface up; without root also
// into a new user namespace. `migrate_requests`: its net.ipv4.tcp_migrate_req. Throws LabError; EPERM if not allowed.
void enter_own_namespace(std::optional<bool> migrate_requests);

// The inode of this process's network namespace. Throws LabError.
std::uint32_t network_namespace();

}  // namespace reuseport::lab
