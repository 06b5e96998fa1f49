#include "pollers.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "common/procfs.h"
#include "common/system_error.h"
#include "common/unique_fd.h"

namespace reuseport {
namespace {

// The device number of sockfs as the kernel prints it: major above 20 bits of minor (MKDEV, linux/kdev_t.h).
std::uint32_t sockfs_device() {
  const UniqueFd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe) throw SystemError("open a socket", errno);
  struct stat status {};
  if (::fstat(probe.get(), &status) != 0) throw SystemError("fstat a socket", errno);
  return static_cast<std::uint32_t>(major(status.st_dev) << 20 | minor(status.st_dev));
}

// The hexadecimal number after `name` in `line`.
std::optional<std::uint64_t> hex_field(std::string_view line, std::string_view name) {
  const auto found = line.find(name);
  if (found == std::string_view::npos) return std::nullopt;
  const char* start = line.data() + found + name.size();
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(start, line.data() + line.size(), value, 16);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint32_t> parse_epoll_target(std::string_view line, std::uint32_t sockfs) {
  if (!line.starts_with("tfd:")) return std::nullopt;
  const auto inode = hex_field(line, " ino:");
  const auto device = hex_field(line, " sdev:");
  if (!inode || device != sockfs || *inode > 0xffffffffu) return std::nullopt;
  return static_cast<std::uint32_t>(*inode);
}

namespace {

// Calls `visit` for each line of a file. Returns 0 or an errno. Drops lines longer than the buffer.
template <typename Visit>
int for_each_line(int file, std::span<char> buffer, Visit&& visit) {
  std::size_t held = 0;
  for (;;) {
    const ssize_t got = ::read(file, buffer.data() + held, buffer.size() - held);
    if (got < 0) return errno;
    if (got == 0) break;
    std::string_view text(buffer.data(), held + static_cast<std::size_t>(got));
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      visit(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    held = text.size() == buffer.size() ? 0 : text.size();
    std::memmove(buffer.data(), text.data(), held);
  }
  return 0;
}

// Adds the sockets in the epoll sets of one process. Returns 0 or an errno.
int read_process(int proc, const ProcessRow& process, std::span<const EpollFd> epolls, std::uint32_t sockfs,
                 std::span<char> buffer, std::vector<Poller>& pollers) {
  const UniqueFd directory(::openat(proc, std::to_string(process.pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  const auto text = read_file_at(directory.get(), "stat", buffer);
  if (!text) return errno;
  const auto stat = parse_stat(*text);
  if (!stat || stat->start_time != process.start_time) return ESRCH;

  for (const auto& epoll : epolls) {
    const auto path = "fdinfo/" + std::to_string(epoll.fd);
    const UniqueFd file(::openat(directory.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
      if (errno == ENOENT) continue;  // closed since the scan
      return errno;
    }
    const int error = for_each_line(file.get(), buffer, [&](std::string_view line) {
      if (const auto inode = parse_epoll_target(line, sockfs)) pollers.push_back({*inode, process.pid});
    });
    if (error != 0 && !means_gone(error)) return error;
  }
  return 0;
}

}  // namespace

PollerScan scan_pollers(std::span<const std::uint32_t> pids, const HolderIndex& index, const std::string& root) {
  PollerScan scan;
  const UniqueFd proc(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!proc) throw SystemError("open " + root, errno);
  const auto sockfs = sockfs_device();
  std::vector<char> buffer(64 * 1024);
  for (const auto pid : pids) {
    const auto* process = index.process(pid);
    if (!process || process->epolls == 0) continue;
    if (process->epolls == kUnknown) {
      ++scan.refused;
      continue;
    }
    const int error = read_process(proc.get(), *process, index.epolls_of(pid), sockfs, buffer, scan.pollers);
    if (means_exhausted(error)) throw SystemError("read the epoll sets of process " + std::to_string(pid), error);
    if (error != 0 && !means_gone(error)) ++scan.refused;
  }
  std::ranges::sort(scan.pollers);
  scan.pollers.erase(std::unique(scan.pollers.begin(), scan.pollers.end()), scan.pollers.end());
  return scan;
}

}  // namespace reuseport
