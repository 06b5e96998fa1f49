// Reading procfs: directories of numbers, short files, and parsing of stat lines and tagged links.
#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace reuseport {

// The fields read from /proc/PID/stat.
struct ProcessStat {
  std::array<char, 16> command;  // comm as the process set it, NUL padded, truncated to 16 bytes
  std::uint32_t parent;
  std::uint64_t start_time;  // clock ticks since boot
};

// Parses /proc/PID/stat (proc(5)): "PID (comm) state ppid …", start time in field 22. The comm may contain
// spaces, newlines and parentheses, so it ends at the last ')'. Nothing for a truncated or malformed text.
std::optional<ProcessStat> parse_stat(std::string_view text);

// The inode in a link such as "socket:[4711]" or "net:[4026531840]", given its tag "socket" or "net". Nothing for
// another kind of link or a number that does not fit.
std::optional<std::uint32_t> parse_tagged_inode(std::string_view link, std::string_view tag);

// Errors by which procfs reports that the process or the descriptor is gone.
constexpr bool means_gone(int error) { return error == ENOENT || error == ESRCH; }

// Errors that every other process would cause as well: this process is out of memory or descriptors. Any other error
// concerns one process only (mostly EACCES or EPERM) and must not hide the rest.
constexpr bool means_exhausted(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

// Reads a short file in an open directory into `buffer`. The content, or nothing and errno.
std::optional<std::string_view> read_file_at(int directory, const char* name, std::span<char> buffer);

// Reads a symbolic link in an open directory into `buffer`, truncated to its size. The text, or nothing and errno.
std::optional<std::string_view> read_link_at(int directory, const char* name, std::span<char> buffer);

// Calls `visit(number, name)` for each entry of an open directory whose name is a decimal number, in kernel order,
// until `visit` returns false. `buffer` is aligned to 8. Returns 0 or the errno of getdents64(2).
template <typename Visit>
int for_each_number(int directory, std::span<char> buffer, Visit&& visit) {
  for (;;) {
    const ssize_t filled = ::getdents64(directory, buffer.data(), buffer.size());
    if (filled < 0) return errno;
    if (filled == 0) return 0;
    for (ssize_t at = 0; at < filled;) {
      const char* entry = buffer.data() + at;
      unsigned short length = 0;
      std::memcpy(&length, entry + offsetof(dirent64, d_reclen), sizeof length);
      at += length;
      const char* name = entry + offsetof(dirent64, d_name);
      const char* end = name + ::strnlen(name, length - offsetof(dirent64, d_name));
      std::uint32_t number = 0;
      const auto parsed = std::from_chars(name, end, number);
      if (parsed.ec != std::errc{} || parsed.ptr != end) continue;
      if (!visit(number, name)) return 0;
    }
  }
}

}  // namespace reuseport
