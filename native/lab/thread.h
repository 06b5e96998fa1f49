// Threads that end with their process: nobody waits for them.
#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "protocol.h"

namespace reuseport::lab {

// Runs `work` in a thread of its own. Throws LabError.
template <typename Work>
void start_thread(Work work) {
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error& refused) {
    throw LabError("pthread_create", refused.code().value());
  }
}

}  // namespace reuseport::lab
