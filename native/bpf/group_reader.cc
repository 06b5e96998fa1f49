#include "bpf/group_reader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <groups.skel.h>
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

using Kind = Requirement::Kind;
constexpr Requirement kRequirements[] = {
    {Kind::structure, "bpf_iter__task_file", "5.8"},
    {Kind::helper, "BPF_FUNC_sock_from_file", "5.11"},
    {Kind::helper, "BPF_FUNC_loop", "5.17"},
};

}  // namespace

GroupReader::Mapping::~Mapping() {
  if (bytes != nullptr) ::munmap(const_cast<std::byte*>(bytes), size);
}

GroupReader::GroupReader(std::uint32_t buffer_bytes)
    : program_(groups_bpf::open(), groups_bpf::destroy), link_(nullptr, ::bpf_link__destroy) {
  if (program_ == nullptr) throw Unavailable(obstacle(errno, kRequirements));
  program_->rodata->buffer_bytes = buffer_bytes;
  ::bpf_map__set_value_size(program_->maps.buffer, buffer_bytes);
  if (const int error = groups_bpf::load(program_.get())) throw Unavailable(obstacle(-error, kRequirements));
  link_.reset(::bpf_program__attach_iter(program_->progs.read_groups, nullptr));
  if (link_ == nullptr) throw Unavailable(obstacle(errno, kRequirements));
  void* mapped = ::mmap(nullptr, buffer_bytes, PROT_READ, MAP_SHARED, ::bpf_map__fd(program_->maps.buffer), 0);
  if (mapped == MAP_FAILED) throw SystemError("map the buffer of the BPF program", errno);
  buffer_.bytes = static_cast<const std::byte*>(mapped);
  buffer_.size = buffer_bytes;
}

GroupReader::~GroupReader() = default;

void GroupReader::answer(const SendLine& send) {
  Groups groups = read_all();
  // The first pass gave a cookie to every socket that it came across.
  if (program_->bss->without_cookie > 0) groups = read_all();
  Answer answer(send, Json().open('{'), "groups", "removed");
  for (const auto& [id, sections] : groups) {
    const auto before = last_.find(id);
    if (before == last_.end() || before->second != sections) write_group(answer.changed(), sections);
  }
  for (const auto& [id, sections] : last_)
    if (!groups.contains(id)) answer.removed().value(id);
  answer.end();
  last_ = std::move(groups);
}

// In as many passes as the buffer needs: the program skips the groups that it added earlier in the same reading.
GroupReader::Groups GroupReader::read_all() {
  auto& shared = *program_->bss;
  Groups groups;
  shared.reading++;
  shared.without_cookie = 0;
  do {
    shared.used = 0;
    shared.full = 0;
    // It prints nothing: what it reads is in the buffer.
    std::array<std::byte, 64> unused;
    run_iterator(link_.get(), unused, [](std::span<const std::byte>) {});
    take_groups(groups);
    if (shared.full != 0 && shared.used == 0) throw SystemError("read a group that the buffer cannot hold", ENOBUFS);
  } while (shared.full != 0);
  return groups;
}

void GroupReader::take_groups(Groups& groups) const {
  const std::string_view all(reinterpret_cast<const char*>(buffer_.bytes), program_->bss->used);
  for (std::size_t start = 0; start < all.size();) {
    const std::size_t end = group_end(all, start);
    groups.insert_or_assign(group_id(all.substr(start)), all.substr(start, end - start));
    start = end;
  }
}

}  // namespace reuseport::bpf
