// The requests in a stream of bytes: one a line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol.h"

namespace reuseport::lab {

class RequestLines {
 public:
  void add(std::string_view bytes) { unread_.append(bytes); }

  // The next complete line, without its end; none until more bytes are added.
  std::optional<std::string> next() {
    const std::size_t end = unread_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return line;
  }

  // Whether what was added since the last line is longer than any request. Only meaningful once `next` has none.
  bool too_long() const { return unread_.size() > kMaxRequestSize; }

 private:
  std::string unread_;
};

}  // namespace reuseport::lab
