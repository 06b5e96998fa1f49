#include "proc_net.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "namespaces.h"
#include "socket_states.h"

namespace reuseport {
namespace {

// The kernel fills one page at a time (seq_read_iter()), of at least this size.
constexpr std::size_t kPage = 4096;
constexpr std::size_t kBufferSize = 64 * 1024;

// Passed on in place of a line that was too long; malformed on purpose.
constexpr std::string_view kOverlong = "(too long)";

// The space-separated fields of a line.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const std::string_view field = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(field.size());
    return field;
  }
  void skip(int count) {
    while (count-- > 0) next();
  }

 private:
  std::string_view rest_;
};

template <typename Number>
std::optional<Number> number_of(std::string_view text, int base = 10) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, base);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

struct Place {
  Address address{};
  std::uint16_t port = 0;
};

// "0100007F:1F90": 32-bit words in host order, of bytes in network order; then the port.
std::optional<Place> place_of(std::string_view text, Family family) {
  const std::size_t words = family == Family::ipv4 ? 1 : 4;
  constexpr std::size_t kDigits = 8;
  if (text.size() != words * kDigits + 5 || text[words * kDigits] != ':') return std::nullopt;
  Place place;
  for (std::size_t i = 0; i < words; i++) {
    const auto word = number_of<std::uint32_t>(text.substr(i * kDigits, kDigits), 16);
    if (!word) return std::nullopt;
    std::memcpy(place.address.data() + i * sizeof *word, &*word, sizeof *word);
  }
  const auto port = number_of<std::uint16_t>(text.substr(words * kDigits + 1), 16);
  if (!port) return std::nullopt;
  place.port = *port;
  return place;
}

std::optional<State> state_of(Protocol protocol, std::uint32_t state) {
  if (protocol == Protocol::tcp) return state == kListen ? std::optional(State::listening) : std::nullopt;
  if (state == kClose) return State::unconnected;
  return state == kEstablished ? std::optional(State::connected) : std::nullopt;
}

ssize_t read_some(int fd, std::span<char> buffer) {
  for (;;) {
    const ssize_t length = ::read(fd, buffer.data(), buffer.size());
    if (length >= 0 || errno != EINTR) return length;
  }
}

}  // namespace

ParsedLine parse_proc_entry(Protocol protocol, Family family, std::string_view line) {
  constexpr ParsedLine kMalformed{.well_formed = false};
  Fields fields(line);
  const std::string_view slot = fields.next();
  if (slot.empty() || slot == "sl") return {};
  const auto local = place_of(fields.next(), family), remote = place_of(fields.next(), family);
  const auto state = number_of<std::uint8_t>(fields.next(), 16);
  const std::string_view queues = fields.next();
  if (!slot.ends_with(':') || !local || !remote || !state || queues.size() != 17 || queues[8] != ':') return kMalformed;
  const auto waiting = number_of<std::uint32_t>(queues.substr(9), 16);
  fields.skip(2);  // timer, retransmissions
  const auto uid = number_of<std::uint32_t>(fields.next());
  fields.skip(1);  // time out
  const auto inode = number_of<std::uint32_t>(fields.next());
  if (!waiting || !uid || !inode) return kMalformed;

  std::uint32_t drops = kUnknown;
  if (protocol == Protocol::udp) {
    fields.skip(2);  // references, the kernel's pointer
    const std::string_view drop_count = fields.next();
    const auto count = number_of<std::uint32_t>(drop_count);
    if (!count && !drop_count.empty()) return kMalformed;
    drops = count.value_or(kUnknown);
  }
  return {.entry = ProcEntry{.address = local->address,
                             .remote_address = remote->address,
                             .port = local->port,
                             .remote_port = remote->port,
                             .state = *state,
                             .waiting = *waiting,
                             .uid = *uid,
                             .inode = *inode,
                             .drops = drops}};
}

ProcLine parse_proc_line(Protocol protocol, Family family, std::uint32_t netns, std::string_view line) {
  const auto [well_formed, entry] = parse_proc_entry(protocol, family, line);
  const auto state = entry ? state_of(protocol, entry->state) : std::nullopt;
  if (!state || entry->inode == 0) return {.well_formed = well_formed};

  SocketRow row;
  row.cookie = inode_key(entry->inode);
  row.inode = entry->inode;
  row.uid = entry->uid;
  row.netns = netns;
  row.queue_length = entry->waiting;
  row.drops = entry->drops;
  row.port = entry->port;
  row.family = family;
  row.protocol = protocol;
  row.state = *state;
  if (family == Family::ipv4) row.v6only = V6Only::no;
  row.address = entry->address;
  if (*state == State::connected) {
    row.remote_port = entry->remote_port;
    row.remote_address = entry->remote_address;
  }
  return {.socket = row};
}

void LineSplitter::feed(std::string_view piece, const OnLine& on_line) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    overlong_ |= rest_.size() + part.size() > kMaxLine;
    if (end == std::string_view::npos) {
      if (!overlong_) rest_.append(part);
      return;
    }
    if (overlong_) on_line(kOverlong);
    else if (rest_.empty()) on_line(part);
    else on_line(rest_.append(part));
    rest_.clear();
    overlong_ = false;
    piece.remove_prefix(end + 1);
  }
}

void LineSplitter::finish(const OnLine& on_line) {
  if (overlong_) on_line(kOverlong);
  else if (!rest_.empty()) on_line(rest_);
  rest_.clear();
  overlong_ = false;
}

ProcNet::ProcNet(SocketTableKind kind, int namespace_fd) : protocol_(protocol_of(kind)) {
  if (kind == SocketTableKind::tcp) {
    files_.push_back({"/proc/thread-self/net/tcp", Family::ipv4, UniqueFd()});
    files_.push_back({"/proc/thread-self/net/tcp6", Family::ipv6, UniqueFd()});
  } else if (kind == SocketTableKind::udp_ipv4) {
    files_.push_back({"/proc/thread-self/net/udp", Family::ipv4, UniqueFd()});
  } else {
    files_.push_back({"/proc/thread-self/net/udp6", Family::ipv6, UniqueFd()});
  }
  run_within(namespace_fd, [&] {
    for (File& file : files_) {
      file.fd.reset(::open(file.path, O_RDONLY | O_CLOEXEC));
      if (file.fd) continue;
      const int error = errno;
      const bool without_ipv6 =
          file.family == Family::ipv6 && error == ENOENT && ::access("/proc/thread-self/net/udp", F_OK) == 0;
      if (!without_ipv6) throw SystemError(std::string("open ") + file.path, error);
    }
  });
}

DumpEnd ProcNet::read(std::uint32_t netns, const OnSocket& on_socket) {
  DumpEnd end;
  for (const File& file : files_) {
    if (!file.fd) continue;
    if (::lseek(file.fd.get(), 0, SEEK_SET) < 0) throw SystemError(std::string("read ") + file.path, errno);
    read_proc_sockets(file.fd.get(), file.path, protocol_, file.family, netns, end, on_socket);
  }
  return end;
}

void ProcNet::read_entries(Family family, const std::function<void(const ProcEntry&)>& on_entry) {
  for (const File& file : files_) {
    if (!file.fd || file.family != family) continue;
    if (::lseek(file.fd.get(), 0, SEEK_SET) < 0) throw SystemError(std::string("read ") + file.path, errno);
    DumpEnd end;
    read_proc_lines(file.fd.get(), file.path, end, [&](std::string_view line, std::uint32_t) {
      const ParsedLine parsed = parse_proc_entry(protocol_, family, line);
      if (parsed.entry) on_entry(*parsed.entry);
      return parsed.well_formed;
    });
  }
}

void read_proc_lines(int fd, const char* path, DumpEnd& end,
                     const std::function<bool(std::string_view line, std::uint32_t batch)>& on_line) {
  const std::string operation = std::string("read ") + path;
  std::vector<char> buffer(kBufferSize);
  LineSplitter lines;
  std::uint64_t malformed = 0;
  const auto take = [&](std::string_view line) { malformed += !on_line(line, end.batches - 1); };
  std::size_t longest = kPage;
  for (;;) {
    const ssize_t length = read_some(fd, buffer);
    if (length < 0) throw SystemError(operation, errno);
    if (length == 0) break;
    const auto size = static_cast<std::size_t>(length);
    longest = std::max(longest, size);
    end.batches++;
    end.had_room = size + LineSplitter::kMaxLine <= longest;
    lines.feed({buffer.data(), size}, take);
  }
  lines.finish(take);
  if (malformed > 0)
    throw SystemError(operation, EBADMSG,
                      std::to_string(malformed) + " malformed lines (expected the format of proc_pid_net(5))");
}

void read_proc_sockets(int fd, const char* path, Protocol protocol, Family family, std::uint32_t netns, DumpEnd& end,
                       const ProcNet::OnSocket& on_socket) {
  read_proc_lines(fd, path, end, [&](std::string_view line, std::uint32_t batch) {
    ProcLine parsed = parse_proc_line(protocol, family, netns, line);
    if (parsed.socket) on_socket(*parsed.socket, batch);
    return parsed.well_formed;
  });
}

}  // namespace reuseport
