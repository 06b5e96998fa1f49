#include "common/proc_net.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "support/child.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

constexpr std::uint32_t kNetns = 7;

// As written by Linux 6.1 on a little-endian machine.
constexpr std::string_view kHeading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                  "
    "    ";
constexpr std::string_view kListener =
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000    33        0 4711 1 "
    "00000000196198bc 100 0 0 10 0    ";
constexpr std::string_view kUdp =
    "  205: 00000000:0035 00000000:0000 07 00000000:00000D00 00:00000000 00000000   101        0 815 2 "
    "0000000000000000 42";

ProcLine tcp(std::string_view line) { return parse_proc_line(Protocol::tcp, Family::ipv4, kNetns, line); }
ProcLine udp(std::string_view line) { return parse_proc_line(Protocol::udp, Family::ipv4, kNetns, line); }

std::string with(std::string_view line, std::string_view old, std::string_view replacement) {
  std::string text(line);
  text.replace(text.find(old), old.size(), replacement);
  return text;
}

struct Reading {
  std::vector<SocketRow> rows;
  std::vector<std::uint32_t> batches;
  DumpEnd end;
};

// Reads the pieces `writes`, each in a separate read: a pipe returns no more than one write.
Reading read_pieces(const std::vector<std::string>& writes, int* error = nullptr) {
  int ends[2];
  must(::pipe2(ends, O_CLOEXEC), "pipe");
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  must(::fcntl(out.get(), F_SETPIPE_SZ, 1 << 20), "F_SETPIPE_SZ");
  std::thread writer([&] {
    for (const std::string& piece : writes)
      must(static_cast<int>(::write(out.get(), piece.data(), piece.size())), "write");
    out.reset();
  });
  writer.join();
  Reading reading;
  try {
    read_proc_sockets(in.get(), "/proc/net/tcp", Protocol::tcp, Family::ipv4, kNetns, reading.end,
                      [&](SocketRow& row, std::uint32_t batch) {
                        reading.rows.push_back(row);
                        reading.batches.push_back(batch);
                      });
  } catch (const SystemError& failure) {
    REQUIRE(error != nullptr);
    *error = failure.error;
  }
  return reading;
}

std::string listener(unsigned inode) { return with(kListener, "4711", std::to_string(inode)) + "\n"; }

}  // namespace

TEST_CASE("a listener's line is parsed, and the rest is unknown") {
  const ProcLine line = tcp(kListener);
  REQUIRE(line.socket);
  const SocketRow& row = *line.socket;
  CHECK(row.cookie == inode_key(4711));
  CHECK(is_inode_key(row.cookie));
  CHECK(row.inode == 4711);
  CHECK(row.uid == 33);
  CHECK(row.netns == kNetns);
  CHECK(row.state == State::listening);
  CHECK(row.protocol == Protocol::tcp);
  CHECK(row.family == Family::ipv4);
  CHECK(row.v6only == V6Only::no);
  CHECK(row.address == Address{127, 0, 0, 1});
  CHECK(row.port == 8080);
  CHECK(row.queue_length == 3);
  CHECK(row.queue_limit == kUnknown);
  CHECK(row.drops == kUnknown);
  CHECK(row.interface == kUnknown);
}

TEST_CASE("UDP has drops, and a connected socket its peer") {
  const ProcLine line = udp(kUdp);
  REQUIRE(line.socket);
  CHECK(line.socket->state == State::unconnected);
  CHECK(line.socket->queue_length == 0xd00);
  CHECK(line.socket->drops == 42);
  CHECK(line.socket->port == 53);
  CHECK(line.socket->remote_port == 0);

  const ProcLine connected = udp(with(with(kUdp, "00000000:0000 07", "0200000A:1388 01"), " 42", " 4294967295"));
  REQUIRE(connected.socket);
  CHECK(connected.socket->state == State::connected);
  CHECK(connected.socket->remote_address == Address{10, 0, 0, 2});
  CHECK(connected.socket->remote_port == 5000);

  // A kernel without them (before Linux 2.6.27).
  const ProcLine old = udp(kUdp.substr(0, kUdp.rfind(' ')));
  REQUIRE(old.socket);
  CHECK(old.socket->drops == kUnknown);
}

TEST_CASE("an IPv6 address is written as four words in host order") {
  const ProcLine line =
      parse_proc_line(Protocol::tcp, Family::ipv6, kNetns,
                      "   1: B80D01200000000000000000FF010000:01BB 00000000000000000000000000000000:0000 0A "
                      "00000000:00000000 00:00000000 00000000     0        0 5 1 0 100 0 0 10 0");
  REQUIRE(line.socket);
  CHECK(line.socket->address == Address{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff});
  CHECK(line.socket->port == 443);
  CHECK(line.socket->family == Family::ipv6);
  CHECK(line.socket->v6only == V6Only::unknown);
}

TEST_CASE("lines that are not shown are not malformed") {
  CHECK((tcp(kHeading).well_formed && !tcp(kHeading).socket));
  CHECK((tcp("").well_formed && !tcp("").socket));
  for (const char* state : {" 01 ", " 02 ", " 06 ", " 07 ", " 0C "}) {
    const ProcLine line = tcp(with(kListener, " 0A ", state));
    CHECK((line.well_formed && !line.socket));
  }
  // A socket that is being closed has no inode.
  const ProcLine closing = tcp(with(kListener, "4711", "0"));
  CHECK((closing.well_formed && !closing.socket));
}

TEST_CASE("a malformed line is reported") {
  const std::string text(kListener);
  for (const auto& change : std::initializer_list<std::pair<const char*, const char*>>{
           {"   0:", "   0"},
           {"0100007F:", "0100007:"},
           {"0100007F:", "0100007FF:"},
           {"0100007F:", "0100007G:"},
           {"0100007F:", "-100007F:"},
           {":1F90", "1F90"},
           {":1F90", ":1F9"},
           {":1F90", ":1F900"},
           {" 0A ", " 1000A "},
           {"00000000:00000003", "00000000:0000003"},
           {"00000000:00000003", "00000000 00000003"},
           {"    33 ", " 4294967296 "},
           {"    33 ", "    -1 "},
           {" 4711 ", " 99999999999 "},
           {" 4711 ", " 4711x "},
       }) {
    CAPTURE(change.first);
    CAPTURE(change.second);
    CHECK_FALSE(tcp(with(text, change.first, change.second)).well_formed);
  }
  CHECK_FALSE(udp(with(kUdp, " 42", " x")).well_formed);
  CHECK_FALSE(parse_proc_line(Protocol::tcp, Family::ipv6, kNetns, kListener).well_formed);
  // Truncated anywhere before its inode it is malformed.
  for (std::size_t length = 1; length < text.find("4711"); length++) {
    const ProcLine line = tcp(text.substr(0, length));
    if (text.find_first_not_of(' ') < length) CHECK_FALSE(line.well_formed);
  }
}

TEST_CASE("lines are reassembled from any pieces, and reads count as batches") {
  const std::string whole = std::string(kHeading) + "\n" + listener(1) + listener(2) + listener(3);
  for (std::size_t cut = 1; cut < whole.size(); cut += 7) {
    const Reading reading = read_pieces({whole});
    CHECK(reading.rows.size() == 3);
    CHECK(reading.end.batches == 1);
    CHECK(reading.end.had_room);

    LineSplitter lines;
    std::vector<std::string> found;
    const auto take = [&](std::string_view line) { found.emplace_back(line); };
    lines.feed(std::string_view(whole).substr(0, cut), take);
    lines.feed(std::string_view(whole).substr(cut), take);
    lines.finish(take);
    CHECK(found.size() == 4);
    CHECK(found.back() + "\n" == listener(3));
  }
}

TEST_CASE("a file of many pages is read to its end, and whether the last page was full is known") {
  std::string text = std::string(kHeading) + "\n";
  for (unsigned inode = 1; inode <= 2000; inode++) text += listener(inode);
  const Reading reading = read_pieces({text});
  REQUIRE(reading.rows.size() == 2000);
  CHECK(reading.rows.back().inode == 2000);
  CHECK(reading.end.batches > 1);
  CHECK(reading.batches.front() == 0);
  CHECK(reading.batches.back() == reading.end.batches - 1);
}

TEST_CASE("malformed lines are an error, after all others were passed on") {
  int error = 0;
  const Reading reading =
      read_pieces({listener(1) + "nonsense\n" + std::string(100000, 'x') + "\n" + listener(2)}, &error);
  CHECK(error == EBADMSG);
  CHECK(reading.rows.size() == 2);
}

TEST_CASE("a last line without a newline is read, an empty file has no lines") {
  std::string last = listener(2);
  last.pop_back();
  CHECK(read_pieces({listener(1) + last}).rows.size() == 2);
  const Reading nothing = read_pieces({});
  CHECK(nothing.rows.empty());
  CHECK(nothing.end.batches == 0);
}

TEST_CASE("an unreadable file is an error with its path") {
  const UniqueFd directory(must(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open"));
  DumpEnd end;
  try {
    read_proc_sockets(directory.get(), "/proc/net/udp", Protocol::udp, Family::ipv4, kNetns, end,
                      [](SocketRow&, std::uint32_t) {});
    FAIL("a directory was read");
  } catch (const SystemError& error) {
    CHECK(error.error == EISDIR);
    CHECK(error.operation == "read /proc/net/udp");
  }
}
