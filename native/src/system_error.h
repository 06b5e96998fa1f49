// The one error that the native code throws: which operation failed, and the kernel's answer.
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace reuseport {

// `operation` says what was asked, with its object ("open /run/netns/blue"); `error` is the errno that came back.
struct SystemError : std::runtime_error {
  std::string operation;
  int error;

  SystemError(std::string what_was_asked, int number)
      : std::runtime_error(what_was_asked + ": " + std::generic_category().message(number)),
        operation(std::move(what_was_asked)),
        error(number) {}

  // With a sentence of our own instead of the errno's text, where that would not tell what is wrong.
  SystemError(std::string what_was_asked, int number, const std::string& explanation)
      : std::runtime_error(what_was_asked + ": " + explanation), operation(std::move(what_was_asked)), error(number) {}
};

}  // namespace reuseport
