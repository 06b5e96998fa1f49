#include "bpf/count_reader.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "bpf/count_records.h"
#include "bpf/iterator.h"
#include "bpf/obstacles.h"
#include "bpf/programs.h"
#include "common/json.h"

namespace reuseport::bpf {
namespace {

using Kind = Requirement::Kind;
constexpr Requirement kRequirements[] = {
    {Kind::structure, "bpf_iter__task_file", "5.8"},
    {Kind::helper, "BPF_FUNC_sock_from_file", "5.11"},
    {Kind::tracepoint, "btf_trace_sk_data_ready", "6.3"},
};

}  // namespace

CountReader::CountReader() : program_(::load_counts(), ::unload_counts) {
  if (program_ == nullptr) throw Unavailable(obstacle(errno, kRequirements));
  // Later than the first one that is counted, by microseconds.
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  since_ = std::chrono::duration_cast<milliseconds>(now).count();
}

CountReader::~CountReader() = default;

void CountReader::answer(const SendLine& send) {
  std::unordered_map<std::uint64_t, std::uint64_t> counts;
  // No smaller than the kernel's buffer (bpf_seq_read(), 8 pages), which has whole records: no piece ends within one.
  std::array<std::byte, 4096 * sizeof(count_record)> buffer;
  run_iterator(::counts_iterator(program_.get()), buffer, [&](std::span<const std::byte> piece) {
    for (; piece.size() >= sizeof(count_record); piece = piece.subspan(sizeof(count_record))) {
      count_record record;
      std::memcpy(&record, piece.data(), sizeof record);
      counts[record.cookie] = record.given;
    }
  });
  Answer answer(send, Json().open('{').field("since", since_), "given", "removed");
  for (const auto& [cookie, given] : counts) {
    const auto before = last_.find(cookie);
    if (before != last_.end() && before->second == given) continue;
    answer.changed().open('[').value(std::to_string(cookie)).value(given).close(']');
  }
  for (const auto& [cookie, given] : last_)
    if (!counts.contains(cookie)) answer.removed().value(std::to_string(cookie));
  answer.end();
  last_ = std::move(counts);
}

}  // namespace reuseport::bpf
