#include "bpf/group_json.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "bpf/group_records.h"
#include "common/system_error.h"

namespace reuseport::bpf {
namespace {

std::size_t record_bytes(std::uint32_t kind) {
  switch (kind) {
    case SECTION_GROUP:
      return sizeof(group_record);
    case SECTION_MEMBERS:
    case SECTION_CLOSED:
    case SECTION_MAP_SOCKETS:
      return sizeof(socket_record);
    case SECTION_INSTRUCTION:
      return sizeof(sock_filter);
    case SECTION_PROGRAM:
      return sizeof(program_record);
    case SECTION_MAP:
      return sizeof(map_record);
    default:
      throw SystemError("read a section of kind " + std::to_string(kind), EPROTO);
  }
}

// One section after the other. Throws SystemError where one does not fit.
class Sections {
 public:
  explicit Sections(std::string_view bytes) : bytes_(bytes) {}

  bool done() const { return at_ >= bytes_.size(); }
  std::size_t at() const { return at_; }
  std::uint32_t kind() const { return header().kind; }
  std::uint32_t count() const { return header().count; }

  template <typename Record>
  Record record(std::uint32_t index = 0) const {
    return copy<Record>(at_ + sizeof(section_header) + index * sizeof(Record));
  }

  void next() {
    const std::size_t bytes = count() * record_bytes(kind());
    at_ += sizeof(section_header) + ((bytes + 7) & ~std::size_t{7});
    if (at_ > bytes_.size()) throw SystemError("read a section", EPROTO);
  }

 private:
  section_header header() const { return copy<section_header>(at_); }

  template <typename Record>
  Record copy(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(Record)) throw SystemError("read a section", EPROTO);
    Record record;
    std::memcpy(&record, bytes_.data() + at, sizeof record);
    return record;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

template <std::size_t Size>
std::string_view name_of(const char (&name)[Size]) {
  return {name, ::strnlen(name, Size)};
}

void write_sockets(Json& json, const char* key, const Sections& sections) {
  json.key(key).open('[');
  for (std::uint32_t i = 0; i < sections.count(); i++) {
    const auto socket = sections.record<socket_record>(i);
    if (socket.present == 0) json.value("");
    else if (socket.cookie == 0) json.null();
    else json.value(std::to_string(socket.cookie));
  }
  json.close(']');
}

void write_members(Json& json, const Sections& sections, bool tcp) {
  write_sockets(json, "members", sections);
  if (!tcp) return;
  json.key("halfOpen").open('[');
  for (std::uint32_t i = 0; i < sections.count(); i++) json.value(sections.record<socket_record>(i).half_open);
  json.close(']');
}

void write_instructions(Json& json, const Sections& sections) {
  json.key("program").open('{').key("instructions").open('[');
  for (std::uint32_t i = 0; i < sections.count(); i++) {
    const auto instruction = sections.record<sock_filter>(i);
    json.open('[').value(instruction.code).value(unsigned{instruction.jt}).value(unsigned{instruction.jf});
    json.value(instruction.k).close(']');
  }
  json.close(']').close('}');
}

// Milliseconds since 1970 of a time since boot. Steps of the clock move it.
std::int64_t unix_milliseconds(std::uint64_t since_boot) {
  timespec boot{};
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return (nanoseconds(now) - nanoseconds(boot) + static_cast<std::int64_t>(since_boot)) / 1'000'000;
}

// The program with its maps, which follow it.
void write_program(Json& json, Sections& sections) {
  const auto program = sections.record<program_record>();
  std::string tag;
  for (const auto byte : program.tag) ((tag += "0123456789abcdef"[byte >> 4])) += "0123456789abcdef"[byte & 15];
  json.key("program").open('{').field("id", program.id).field("name", name_of(program.name)).field("tag", tag);
  json.field("type", program.type).field("loadedAt", unix_milliseconds(program.loaded_at));
  json.field("mapCount", program.map_count).key("maps").open('[');
  sections.next();
  while (!sections.done() && sections.kind() == SECTION_MAP) {
    const auto map = sections.record<map_record>();
    json.open('{').field("id", map.id).field("name", name_of(map.name)).field("type", map.type);
    json.field("maxEntries", map.max_entries);
    sections.next();
    if (!sections.done() && sections.kind() == SECTION_MAP_SOCKETS) {
      write_sockets(json, "sockets", sections);
      sections.next();
    }
    json.close('}');
  }
  json.close(']').close('}');
}

}  // namespace

std::size_t group_end(std::string_view bytes, std::size_t start) {
  Sections sections(bytes.substr(start));
  do sections.next();
  while (!sections.done() && sections.kind() != SECTION_GROUP);
  return start + sections.at();
}

std::uint32_t group_id(std::string_view sections) { return Sections(sections).record<group_record>().id; }

void write_group(Json& json, std::string_view bytes) {
  Sections sections(bytes);
  const auto group = sections.record<group_record>();
  const bool tcp = group.protocol == IPPROTO_TCP;
  json.open('{').field("id", group.id).field("netns", group.netns).field("protocol", tcp ? "tcp" : "udp");
  json.field("port", group.port).field("maxSocks", group.max_socks);
  json.field("bindInany", group.bind_inany != 0).field("hasConns", group.has_conns != 0);
  bool closed = false;
  bool program = false;
  sections.next();
  while (!sections.done()) {
    switch (sections.kind()) {
      case SECTION_MEMBERS:
        write_members(json, sections, tcp);
        break;
      case SECTION_CLOSED:
        closed = true;
        write_sockets(json, "closed", sections);
        break;
      case SECTION_INSTRUCTION:
        program = true;
        write_instructions(json, sections);
        break;
      case SECTION_PROGRAM:
        program = true;
        write_program(json, sections);
        continue;
      default:
        throw SystemError("read a section out of order", EPROTO);
    }
    sections.next();
  }
  if (!closed) json.key("closed").open('[').close(']');
  if (!program) json.key("program").null();
  json.close('}');
}

}  // namespace reuseport::bpf
