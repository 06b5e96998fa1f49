// The kernel's own SO_REUSEPORT groups, read by a BPF program (groups.bpf.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "bpf/answer.h"
#include "bpf/group_records.h"
#include "bpf/loaded.h"

namespace reuseport::bpf {

class GroupReader {
 public:
  static constexpr std::uint32_t kBufferBytes = MAX_BUFFER;
  // The program leaves room for one section of any size.
  static constexpr std::uint32_t kMinBufferBytes = MAX_SECTION;

  // Loads the program, which takes CAP_BPF and CAP_PERFMON; reading takes neither. A smaller buffer only needs more
  // passes, as long as every group fits: answer() throws ENOBUFS where one does not. Throws Unavailable.
  explicit GroupReader(std::uint32_t buffer_bytes = kBufferBytes);

  // Reads all groups and sends what changed since the previous answer, in one line of JSON or several (answer.h):
  // {"groups":[...],"removed":[id...],"more":...}; the first has every group. Throws SystemError.
  void answer(const SendLine& send);

 private:
  // The sections of a group, by its id.
  using Groups = std::unordered_map<std::uint32_t, std::string>;

  Groups read_all();
  void take_groups(Groups& groups, std::size_t bytes) const;

  struct Unmap {
    void operator()(const std::byte* bytes) const;
  };

  Loaded<groups_bpf> program_;
  std::unique_ptr<const std::byte, Unmap> buffer_;
  Groups last_;
};

}  // namespace reuseport::bpf
