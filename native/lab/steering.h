// Classic BPF programs that pick the member of a reuseport group.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "protocol.h"

namespace reuseport::lab {

// The program for `how` over `members` members, of which `steered_to` is the one for Steering::member; its result is the
// position in the group (reuseport_select_sock() in net/core/sock_reuseport.c). A result past the end, as of a member
// that is not there any more, leaves it to the hash. Empty for Steering::hash.
std::vector<sock_filter> steering_program(Steering how, unsigned members, unsigned steered_to);

// Gives the program to the whole group that `listener` is in, or takes away the one it has where it is empty. Throws
// LabError.
void attach_steering(int listener, std::vector<sock_filter> program);

}  // namespace reuseport::lab
