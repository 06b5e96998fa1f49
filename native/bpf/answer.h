// Writes one answer as several lines of JSON, so that it need not be parsed in one piece.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "common/json.h"

namespace reuseport::bpf {

// Takes one line, without its end.
using SendLine = std::function<void(const std::string&)>;

// Each line is an object with two lists, what changed and what was removed, and "more": whether the next request gets
// another line of this answer. A line ends with the entry that makes it longer than kLineBytes.
class Answer {
 public:
  // A quarter of a millisecond for JSON.parse().
  static constexpr std::size_t kLineBytes = 32 << 10;

  // `head`: how every line begins, an open object. `changed` and `removed` name the lists.
  Answer(SendLine send, Json head, std::string_view changed, std::string_view removed)
      : send_(std::move(send)), head_(std::move(head)), changed_(changed), removed_(removed) {
    begin();
  }

  // For one more entry. Those that were removed come last.
  Json& changed() { return entry(); }
  Json& removed() {
    if (!in_removed_) begin_removed();
    return entry();
  }

  // Sends the last line.
  void end() { finish(false); }

 private:
  void begin() { (json_ = head_).key(changed_).open('['); }
  void begin_removed() {
    json_.close(']').key(removed_).open('[');
    in_removed_ = true;
  }
  Json& entry() {
    if (json_.text().size() < kLineBytes) return json_;
    const bool in_removed = in_removed_;
    finish(true);
    begin();
    in_removed_ = false;
    if (in_removed) begin_removed();
    return json_;
  }
  void finish(bool more) {
    if (!in_removed_) begin_removed();
    send_(json_.close(']').field("more", more).close('}').text());
  }

  SendLine send_;
  Json head_;
  std::string_view changed_;
  std::string_view removed_;
  Json json_;
  bool in_removed_ = false;
};

// Calls `changed` with each entry of `now` that `before` lacks or has with another value, and `removed` with each key
// that only `before` has.
template <typename Map, typename Changed, typename Removed>
void compare(const Map& before, const Map& now, Changed changed, Removed removed) {
  for (const auto& [key, value] : now) {
    const auto was = before.find(key);
    if (was == before.end() || was->second != value) changed(key, value);
  }
  for (const auto& [key, value] : before)
    if (!now.contains(key)) removed(key);
}

}  // namespace reuseport::bpf
