// An extended BPF program (sk_reuseport) that picks the member from an array of sockets, as QUIC servers and Envoy do it:
// the hash of the client, modulo the size of the array, is the key.
#pragma once

#include <cstdint>

#include "common/unique_fd.h"

namespace reuseport::lab {

struct SockArray {
  UniqueFd map;      // BPF_MAP_TYPE_REUSEPORT_SOCKARRAY
  UniqueFd program;  // picks from it; where nothing stands under a key, the kernel falls back to the hash

  // Loads both; nothing is attached yet. Throws LabError: EPERM without CAP_BPF.
  static SockArray load(unsigned keys);
};

// Puts `listener` under `key` of `map`. The kernel removes it when it is closed. Throws LabError.
void put_socket(int map, std::uint32_t key, int listener);

// Attaches `program` to the whole group of `listener`. Throws LabError.
void attach_sock_array(int listener, int program);

}  // namespace reuseport::lab
