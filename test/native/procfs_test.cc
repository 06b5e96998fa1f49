#include "common/procfs.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/unique_fd.h"
#include "support/temporary_directory.h"

using namespace reuseport;
using reuseport::test::TemporaryDirectory;

namespace {

// /proc/PID/stat as written by Linux 6.18, with this comm.
std::string stat_text(const std::string& command) {
  return "4711 (" + command +
         ") S 17 4711 4711 0 -1 4194560 147 0 0 0 1 2 3 4 20 0 1 0 123456789 2621440 256 18446744073709551615 1 1 0 0 "
         "0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
}

std::string text_of(const std::array<char, 16>& command) {
  return {command.data(), ::strnlen(command.data(), command.size())};
}

}  // namespace

TEST_CASE("a stat line gives comm, parent and start time, for any comm") {
  for (const std::string command :
       {"nginx", "a) R 1 (b", ")", "", "((", "a b c", "x\ny", "\x1b[31mred", "fifteen bytes..", "sixteen bytes..."}) {
    CAPTURE(command);
    const auto stat = parse_stat(stat_text(command));
    REQUIRE(stat);
    CHECK(text_of(stat->command) == command);
    CHECK(stat->parent == 17);
    CHECK(stat->start_time == 123456789);
  }
}

TEST_CASE("a long comm, as of kernel workers, is truncated to 16 bytes") {
  const auto stat = parse_stat(stat_text("kworker/u8:3-events_unbound"));
  REQUIRE(stat);
  CHECK(text_of(stat->command) == "kworker/u8:3-eve");
}

TEST_CASE("a stat line truncated before the end of field 22 gives nothing, never a wrong number") {
  const auto whole = stat_text("cut");
  const auto end = whole.find("123456789") + std::string("123456789").size();
  for (std::size_t length = 0; length <= end; ++length) {
    CAPTURE(length);
    CHECK_FALSE(parse_stat(std::string_view(whole).substr(0, length)));
  }
  CHECK(parse_stat(std::string_view(whole).substr(0, end + 1)));
}

TEST_CASE("a malformed stat line gives nothing") {
  for (const std::string text : {"", "4711", ") (", "4711 (a) S x 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 5 ",
                                 "4711 (a) S -1 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 5 ",
                                 "4711 (a) S 1 1 1 0 -1 1 1 0 0 0 1 2 3 4 20 0 1 0 99999999999999999999999 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_stat(text));
  }
}

TEST_CASE("a link gives its inode only under its own tag and within 32 bits") {
  CHECK(parse_tagged_inode("socket:[4711]", "socket") == 4711u);
  CHECK(parse_tagged_inode("socket:[4294967295]", "socket") == 4294967295u);
  CHECK(parse_tagged_inode("net:[4026531840]", "net") == 4026531840u);
  for (const char* link : {"", "socket", "socket:", "socket:[", "socket:[]", "socket:[47", "socket:[47x]",
                           "socket:[-1]", "socket:[4294967296]", "socket:[99999999999999999999]", "socket: [47]",
                           "pipe:[4711]", "/tmp/socket:[4711]", "socket:[4711] (deleted)"}) {
    CAPTURE(link);
    CHECK_FALSE(parse_tagged_inode(link, "socket"));
  }
}

TEST_CASE("only numeric names are visited, also with a small buffer") {
  const TemporaryDirectory directory;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t number = 0; number < 300; ++number) {
    directory.file(std::to_string(number * 7), "");
    expected.push_back(number * 7);
  }
  for (const auto* name : {"self", "1a", "-3", "0x10", "4294967296", "99999999999999999999", " 5"})
    directory.file(name, "");

  const UniqueFd opened(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY));
  REQUIRE(opened);
  std::vector<std::uint64_t> memory(64);
  std::vector<std::uint32_t> seen;
  const std::span bytes(reinterpret_cast<char*>(memory.data()), memory.size() * 8);
  CHECK(for_each_number(opened.get(), bytes, [&](std::uint32_t number, const char* name) {
          CHECK(std::to_string(number) == name);
          seen.push_back(number);
          return true;
        }) == 0);
  std::ranges::sort(seen);
  CHECK(seen == expected);
}

TEST_CASE("a descriptor that is not a directory gives its errno") {
  const UniqueFd file(::open("/dev/null", O_RDONLY));
  std::vector<char> buffer(1024);
  CHECK(for_each_number(file.get(), buffer, [](std::uint32_t, const char*) { return true; }) == ENOTDIR);
}
