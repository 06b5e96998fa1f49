#include "procfs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "unique_fd.h"

namespace reuseport {
namespace {

// `text` as a decimal number.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;

  ProcessStat stat{};
  const auto command = text.substr(open + 1, close - open - 1).substr(0, stat.command.size());
  std::copy(command.begin(), command.end(), stat.command.begin());

  constexpr int kParentField = 4;
  constexpr int kStartTimeField = 22;
  auto rest = text.substr(close + 1);
  for (int field = 3; field <= kStartTimeField; ++field) {
    const auto start = rest.find_first_not_of(' ');
    if (start == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(start);
    const auto end = rest.find_first_of(" \n");
    // A last field without a separator after it may be truncated.
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = rest.substr(0, end);
    if (field == kParentField) {
      const auto parent = parse_number<std::uint32_t>(value);
      if (!parent) return std::nullopt;
      stat.parent = *parent;
    } else if (field == kStartTimeField) {
      const auto start_time = parse_number<std::uint64_t>(value);
      if (!start_time) return std::nullopt;
      stat.start_time = *start_time;
    }
    rest.remove_prefix(end);
  }
  return stat;
}

std::optional<std::uint32_t> parse_tagged_inode(std::string_view link, std::string_view tag) {
  if (!link.starts_with(tag)) return std::nullopt;
  link.remove_prefix(tag.size());
  if (!link.starts_with(":[") || !link.ends_with(']')) return std::nullopt;
  return parse_number<std::uint32_t>(link.substr(2, link.size() - 3));
}

std::optional<std::string_view> read_file_at(int directory, const char* name, std::span<char> buffer) {
  const UniqueFd file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
  if (length < 0) return std::nullopt;
  return std::string_view(buffer.data(), static_cast<std::size_t>(length));
}

std::optional<std::string_view> read_link_at(int directory, const char* name, std::span<char> buffer) {
  const ssize_t length = ::readlinkat(directory, name, buffer.data(), buffer.size());
  if (length < 0) return std::nullopt;
  return std::string_view(buffer.data(), static_cast<std::size_t>(length));
}

}  // namespace reuseport
