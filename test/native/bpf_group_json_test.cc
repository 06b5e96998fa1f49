#include <doctest/doctest.h>
#include <linux/filter.h>

#include <cstring>
#include <string>

#include "bpf/group_json.h"
#include "bpf/group_records.h"
#include "common/system_error.h"

using namespace reuseport;
using namespace reuseport::bpf;

namespace {

template <typename Record>
std::string bytes_of(const Record& record) {
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

template <typename... Records>
std::string section(__u32 kind, const Records&... records) {
  return bytes_of(section_header{kind, sizeof...(records)}) + (bytes_of(records) + ... + "");
}

std::string group(__u32 id, __u8 protocol) {
  return section(SECTION_GROUP, group_record{.id = id,
                                             .netns = 7,
                                             .num_socks = 2,
                                             .max_socks = 128,
                                             .num_closed = 0,
                                             .port = 443,
                                             .protocol = protocol,
                                             .bind_inany = 1,
                                             .has_conns = 0,
                                             .unused = {}});
}

const std::string members = section(SECTION_MEMBERS, socket_record{5, 3, 1}, socket_record{0, 0, 1});

std::string json_of(const std::string& sections) {
  Json json;
  write_group(json, sections);
  return json.text();
}

}  // namespace

TEST_CASE("a TCP group: half-open requests, and a member without a cookie") {
  CHECK(json_of(group(9, 6) + members) ==
        R"({"id":9,"netns":7,"protocol":"tcp","port":443,"maxSocks":128,"bindInany":true,"hasConns":false,)"
        R"("members":["5",null],"halfOpen":[3,0],"closed":[],"program":null})");
}

TEST_CASE("a UDP group with a closed section and a classic program") {
  const auto closed = section(SECTION_CLOSED, socket_record{6, 0, 1});
  const auto program = section(SECTION_INSTRUCTION, sock_filter{0x20, 0, 0, 0xfffff024}, sock_filter{6, 1, 255, 1});
  CHECK(json_of(group(9, 17) + members + closed + program) ==
        R"({"id":9,"netns":7,"protocol":"udp","port":443,"maxSocks":128,"bindInany":true,"hasConns":false,)"
        R"("members":["5",null],"closed":["6"],"program":{"instructions":[[32,0,0,4294963236],[6,1,255,1]]}})");
}

TEST_CASE("an extended program: what its names contain is escaped, and an empty place differs from an unknown cookie") {
  program_record program{
      .loaded_at = 0, .id = 3, .type = 21, .map_count = 9, .unused = 0, .tag = {0xab, 1}, .name = {}};
  std::memcpy(program.name, "a\"\n\xff", 4);
  map_record map{.id = 4, .type = 20, .max_entries = 3, .unused = 0, .name = {}};
  std::memset(map.name, 'm', sizeof map.name);
  const auto sockets =
      section(SECTION_MAP_SOCKETS, socket_record{0, 0, 0}, socket_record{0, 0, 1}, socket_record{8, 0, 1});
  const auto plain = section(SECTION_MAP, map_record{.id = 5, .type = 1, .max_entries = 1, .unused = 0, .name = "n"});
  const auto text =
      json_of(group(9, 6) + members + section(SECTION_PROGRAM, program) + section(SECTION_MAP, map) + sockets + plain);
  CHECK(text.find(R"("program":{"id":3,"name":"a\"\u000a\u00ff","tag":"ab01000000000000","type":21,"loadedAt":)") !=
        std::string::npos);
  CHECK(text.find(R"("mapCount":9,"maps":[{"id":4,"name":"mmmmmmmmmmmmmmmm","type":20,"maxEntries":3,)"
                  R"("sockets":["",null,"8"]},{"id":5,"name":"n","type":1,"maxEntries":1}]},"closed":[]})") !=
        std::string::npos);
}

TEST_CASE("groups one after the other are told apart") {
  const auto first = group(1, 6) + members;
  const auto both = first + group(2, 17) + members;
  CHECK(group_end(both, 0) == first.size());
  CHECK(group_end(both, first.size()) == both.size());
  CHECK(group_id(both.substr(first.size())) == 2);
}

TEST_CASE("bytes that are no sections, or end early, are an error and nothing else") {
  const auto whole = group(1, 6) + members + section(SECTION_INSTRUCTION, sock_filter{6, 0, 0, 1});
  for (std::size_t size = 0; size < whole.size(); size++) {
    // A group without its program or its members is still one.
    if (size == group(1, 6).size() || size == (group(1, 6) + members).size()) continue;
    CHECK_THROWS_AS(json_of(whole.substr(0, size)), SystemError);
  }
  CHECK_THROWS_AS(group_end(section(99), 0), SystemError);
  CHECK_THROWS_AS(json_of(bytes_of(section_header{SECTION_MEMBERS, 0xffffffff})), SystemError);
}
