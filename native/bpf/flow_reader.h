// Which client went to which member of a group, sampled by a BPF program (flows.bpf.c).
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "bpf/answer.h"
#include "bpf/flow_records.h"
#include "bpf/loaded.h"

struct ring_buffer;

namespace reuseport::bpf {

class FlowReader {
 public:
  // Loads the programs and starts to sample, which takes CAP_BPF and CAP_PERFMON; reading takes neither. Throws
  // Unavailable.
  FlowReader();
  // The ring buffer keeps the address of `flows_`.
  FlowReader(const FlowReader&) = delete;
  FlowReader& operator=(const FlowReader&) = delete;

  // Sends what is new since the previous answer, in one line of JSON or several (answer.h): {"since": ms since 1970, when
  // sampling began, "flows": [[cookie, address, port, ms since 1970]...] in the order of time on each CPU, "members":
  // [[cookie, given, sampled]...] whose numbers changed, both 0 for one that was closed, "more": ...}. Throws SystemError.
  void answer(const SendLine& send);

 private:
  struct Counts {
    std::uint64_t given, sampled;
    bool operator==(const Counts&) const = default;
  };
  std::unordered_map<std::uint64_t, Counts> read_counts();

  Loaded<flows_bpf> program_;
  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> buffer_;
  std::int64_t since_ = 0;
  std::vector<flow_record> flows_;
  std::unordered_map<std::uint64_t, Counts> last_;
};

}  // namespace reuseport::bpf
