// Threads that end with their process: they are never joined.
#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "protocol.h"

namespace reuseport::lab {

// Runs `work` in a new thread. Throws LabError.
template <typename Work>
void start_thread(Work work) {
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error& refused) {
    throw LabError("pthread_create", refused.code().value());
  }
}

}  // namespace reuseport::lab
