// What every member of a group is given, counted by a BPF program (counts.bpf.c).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "bpf/answer.h"
#include "bpf/loaded.h"

namespace reuseport::bpf {

class CountReader {
 public:
  // Loads the programs and starts to count, which takes CAP_BPF and CAP_PERFMON; reading takes neither. Throws
  // Unavailable.
  CountReader();

  // Sends what changed since the previous answer, in one line of JSON or several (answer.h): {"since": ms since 1970, when
  // counting began, "given": [[cookie, count]...], "removed": [cookie...], "more": ...}, every member in the first. Throws
  // SystemError.
  void answer(const SendLine& send);

 private:
  Loaded<counts_bpf> program_;
  std::int64_t since_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> last_;
};

}  // namespace reuseport::bpf
