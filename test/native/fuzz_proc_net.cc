// Coverage-guided fuzzing of the parser of /proc/net/{tcp,tcp6,udp,udp6}: splitting text that arrives in pieces into
// lines, and parsing a line into a socket.
//
// The input is a byte for protocol and family, one for the size of the pieces, and the text.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "common/proc_net.h"

using namespace reuseport;

namespace {

constexpr std::uint32_t kNetns = 7;

// Fails the fuzzer on this input.
void require(bool held) {
  if (!held) std::abort();
}

std::vector<std::string> split(std::string_view text, std::size_t piece) {
  std::vector<std::string> lines;
  LineSplitter splitter;
  const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) splitter.feed(text.substr(0, piece), keep);
  splitter.finish(keep);
  return lines;
}

std::string place_text(Family family, const Address& address, std::uint16_t port) {
  std::string text;
  char part[16];
  for (std::size_t word = 0; word < (family == Family::ipv4 ? 1u : 4u); word++) {
    std::uint32_t value;
    std::memcpy(&value, address.data() + 4 * word, sizeof value);
    std::snprintf(part, sizeof part, "%08X", value);
    text += part;
  }
  std::snprintf(part, sizeof part, ":%04X", port);
  return text + part;
}

// The line that the kernel writes for such a socket.
std::string line_of(const SocketRow& row) {
  const unsigned state = row.state == State::listening ? 0x0a : row.state == State::connected ? 0x01 : 0x07;
  char rest[160];
  std::snprintf(rest, sizeof rest, " %02X 00000000:%08X 00:00000000 00000000 %5u        0 %u 2 0000000000000000", state,
                row.queue_length, row.uid, row.inode);
  const std::string drops = row.drops == kUnknown ? "" : " " + std::to_string(row.drops);
  return "   0: " + place_text(row.family, row.address, row.port) + " " +
         place_text(row.family, row.remote_address, row.remote_port) + rest + drops;
}

void check_line(Protocol protocol, Family family, std::string_view line) {
  const ProcLine parsed = parse_proc_line(protocol, family, kNetns, line);
  if (!parsed.socket) return;
  const SocketRow& row = *parsed.socket;
  require(parsed.well_formed);
  require(row.inode != 0 && row.cookie == inode_key(row.inode) && row.netns == kNetns);
  require(row.protocol == protocol && row.family == family);
  require((row.state == State::listening) == (protocol == Protocol::tcp));
  require(protocol == Protocol::udp || row.drops == kUnknown);
  // A parsed socket has everything in its line, and nothing of another one.
  const ProcLine again = parse_proc_line(protocol, family, kNetns, line_of(row));
  require(again.socket == row);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Protocol protocol = data[0] & 1 ? Protocol::udp : Protocol::tcp;
  const Family family = data[0] & 2 ? Family::ipv6 : Family::ipv4;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto lines = split(text, std::max<std::size_t>(text.size(), 1));
  // It makes no difference where a read(2) ends.
  require(split(text, 1 + data[1]) == lines);
  for (const std::string& line : lines) {
    require(line.size() <= LineSplitter::kMaxLine && line.find('\n') == std::string::npos);
    check_line(protocol, family, line);
  }
  return 0;
}
