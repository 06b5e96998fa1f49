// The error that the native code throws: the operation that failed, and the errno.
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace reuseport {

// `operation` names what failed, with its object ("open /run/netns/blue"); `error` is the errno.
struct SystemError : std::runtime_error {
  std::string operation;
  int error;

  SystemError(std::string what_failed, int number)
      : std::runtime_error(what_failed + ": " + std::generic_category().message(number)),
        operation(std::move(what_failed)),
        error(number) {}

  // With an explanation instead of the errno's text, where that would be misleading.
  SystemError(std::string what_failed, int number, const std::string& explanation)
      : std::runtime_error(what_failed + ": " + explanation), operation(std::move(what_failed)), error(number) {}
};

}  // namespace reuseport
