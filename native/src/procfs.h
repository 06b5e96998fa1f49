// Reading procfs: directories of numbers, short files, and the two texts that the scan needs parsed.
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

// What the scan takes from /proc/PID/stat.
struct ProcessStat {
  std::array<char, 16> command;  // comm as the process wrote it, NUL padded, cut after 16 bytes
  std::uint32_t parent;
  std::uint64_t start_time;  // clock ticks since boot
};

// Parses /proc/PID/stat (proc(5)): "PID (comm) state ppid …", start time in field 22. The comm may hold spaces,
// newlines and parentheses, so it ends at the last ')'. Nothing for a text that is cut short or malformed.
std::optional<ProcessStat> parse_stat(std::string_view text);

// The inode in a link such as "socket:[4711]" or "net:[4026531840]", given its tag "socket" or "net". Nothing for
// another kind of link, and for a number that does not fit.
std::optional<std::uint32_t> parse_tagged_inode(std::string_view link, std::string_view tag);

// The errors by which procfs says that the process, or the descriptor, has gone in the meantime.
constexpr bool means_gone(int error) { return error == ENOENT || error == ESRCH; }

// The errors that the next process would meet too: this process lacks memory or descriptors. Any other error is about
// the one process that was looked at (mostly EACCES or EPERM), and must not hide all others.
constexpr bool means_exhausted(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

// Reads a short file of an open directory into `buffer`. What was read, or nothing and errno.
std::optional<std::string_view> read_file_at(int directory, const char* name, std::span<char> buffer);

// Reads a symbolic link of an open directory into `buffer`, cut to its size. The text, or nothing and errno.
std::optional<std::string_view> read_link_at(int directory, const char* name, std::span<char> buffer);

// Calls `visit(number, name)` for each entry of an open directory whose name is a decimal number, in the order of the
// kernel, until the end or until `visit` gives false. `buffer` is aligned to 8. Gives 0 or the errno of getdents64(2).
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
