#include "bpf/group_reader.h"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "bpf/group_json.h"
#include "bpf/iterator.h"
#include "bpf/obstacles.h"
#include "common/json.h"
#include "common/system_error.h"

namespace reuseport::bpf {
namespace {

constexpr Requirement kRequirements[] = {kTaskFileIterator, kSockFromFile, kLoop};

}  // namespace

void GroupReader::Unmap::operator()(const std::byte* bytes) const {
  ::munmap(const_cast<std::byte*>(bytes), MAX_BUFFER);
}

GroupReader::GroupReader(std::uint32_t buffer_bytes)
    : program_(expect_loaded(::load_groups(buffer_bytes), kRequirements)) {
  void* mapped = ::mmap(nullptr, MAX_BUFFER, PROT_READ, MAP_SHARED, ::groups_buffer(program_.get()), 0);
  if (mapped == MAP_FAILED) throw SystemError("map the buffer of the BPF program", errno);
  buffer_.reset(static_cast<const std::byte*>(mapped));
}

void GroupReader::answer(const SendLine& send) {
  Groups groups = read_all();
  // The first pass gave a cookie to every socket that it came across.
  if (::groups_reading(program_.get())->without_cookie > 0) groups = read_all();
  Answer answer(send, Json().open('{'), "groups", "removed");
  compare(
      last_, groups, [&](std::uint32_t, const std::string& sections) { write_group(answer.changed(), sections); },
      [&](std::uint32_t id) { answer.removed().value(id); });
  answer.end();
  last_ = std::move(groups);
}

// In as many passes as the buffer needs: the program skips the groups that it added earlier in the same reading.
GroupReader::Groups GroupReader::read_all() {
  auto& reading = *::groups_reading(program_.get());
  Groups groups;
  reading.number++;
  reading.without_cookie = 0;
  do {
    reading.used = 0;
    reading.full = 0;
    // It prints nothing: what it reads is in the buffer.
    std::array<std::byte, 64> unused;
    run_iterator(::groups_iterator(program_.get()), unused, [](std::span<const std::byte>) {});
    take_groups(groups, reading.used);
    if (reading.full != 0 && reading.used == 0) throw SystemError("read a group that the buffer cannot hold", ENOBUFS);
  } while (reading.full != 0);
  return groups;
}

void GroupReader::take_groups(Groups& groups, std::size_t bytes) const {
  const std::string_view all(reinterpret_cast<const char*>(buffer_.get()), bytes);
  for (std::size_t start = 0; start < all.size();) {
    const std::size_t end = group_end(all, start);
    groups.insert_or_assign(group_id(all.substr(start)), all.substr(start, end - start));
    start = end;
  }
}

}  // namespace reuseport::bpf
