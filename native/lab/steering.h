// Classic BPF programs that select the member of a reuseport group.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "protocol.h"

namespace reuseport::lab {

// The program for `how` over `members` members; `steer_to` is the one for Steering::member, and the one left out for Steering::others. Its result is the position
// in the group (reuseport_select_sock() in net/core/sock_reuseport.c); with one past the end, for a member that was
// removed, the kernel falls back to the hash. Empty for Steering::hash and
// Steering::sock_array (sock_array.h).
std::vector<sock_filter> steering_program(Steering how, unsigned members, unsigned steer_to);

// Attaches the program to the whole group of `listener`, or detaches the current one if it is empty. Throws LabError.
void attach_steering(int listener, std::vector<sock_filter> program);

}  // namespace reuseport::lab
