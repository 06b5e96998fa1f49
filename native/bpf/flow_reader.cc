#include "bpf/flow_reader.h"

#include <arpa/inet.h>
#include <bpf/libbpf.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "bpf/iterator.h"
#include "bpf/obstacles.h"
#include "bpf/programs.h"
#include "common/json.h"

namespace reuseport::bpf {
namespace {

using Kind = Requirement::Kind;
constexpr Requirement kRequirements[] = {
    {Kind::tracepoint, "btf_trace_inet_sock_set_state", "4.16"},
    {Kind::helper, "BPF_FUNC_ringbuf_output", "5.8"},
    {Kind::structure, "bpf_iter__bpf_sk_storage_map", "5.9"},
    {Kind::tracepoint, "btf_trace_sk_data_ready", "6.3"},
};

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// The system's clock less CLOCK_MONOTONIC, now.
nanoseconds clock_offset() {
  // std::chrono::steady_clock is CLOCK_MONOTONIC.
  return std::chrono::duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch()) -
         std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

std::int64_t in_milliseconds(nanoseconds time) { return std::chrono::duration_cast<milliseconds>(time).count(); }

// An IPv4 client of a dual-stack socket has its IPv4 address, as TCP's sockets do not say it.
std::string address_of(const flow_record& flow) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool mapped = flow.family == AF_INET6 && std::memcmp(flow.address, kMapped.data(), kMapped.size()) == 0;
  char text[INET6_ADDRSTRLEN] = "";
  const int family = mapped ? AF_INET : flow.family;
  ::inet_ntop(family, flow.address + (mapped ? kMapped.size() : 0), text, sizeof text);
  return text;
}

}  // namespace

FlowReader::FlowReader()
    : program_(::load_flows(), ::unload_flows), buffer_(nullptr, ::ring_buffer__free) {
  if (program_ == nullptr) throw Unavailable(obstacle(errno, kRequirements));
  const auto take = [](void* flows, void* data, std::size_t size) {
    if (size >= sizeof(flow_record))
      static_cast<std::vector<flow_record>*>(flows)->push_back(*static_cast<const flow_record*>(data));
    return 0;
  };
  buffer_.reset(::ring_buffer__new(::flows_ring(program_.get()), take, &flows_, nullptr));
  if (buffer_ == nullptr) throw Unavailable(obstacle(errno, kRequirements));
  // Later than the first one that is sampled, by microseconds.
  since_ = in_milliseconds(std::chrono::system_clock::now().time_since_epoch());
}

FlowReader::~FlowReader() = default;

void FlowReader::answer(const SendLine& send) {
  // The counts first: what is sampled meanwhile is in the next answer's.
  auto counts = read_counts();
  flows_.clear();
  if (const int error = ::ring_buffer__consume(buffer_.get()); error < 0)
    throw SystemError("read the flows", -error);
  const auto offset = clock_offset();
  Answer answer(send, Json().open('{').field("since", since_), "flows", "members");
  for (const auto& flow : flows_) {
    answer.changed()
        .open('[')
        .value(std::to_string(flow.cookie))
        .value(address_of(flow))
        .value(::ntohs(flow.port))
        .value(in_milliseconds(nanoseconds(flow.at) + offset))
        .close(']');
  }
  const auto member = [&](std::uint64_t cookie, const Counts& is) {
    answer.removed().open('[').value(std::to_string(cookie)).value(is.given).value(is.sampled).close(']');
  };
  for (const auto& [cookie, is] : counts) {
    const auto before = last_.find(cookie);
    if (before == last_.end() || before->second != is) member(cookie, is);
  }
  for (const auto& [cookie, was] : last_)
    if (!counts.contains(cookie)) member(cookie, {});
  answer.end();
  last_ = std::move(counts);
}

std::unordered_map<std::uint64_t, FlowReader::Counts> FlowReader::read_counts() {
  std::unordered_map<std::uint64_t, Counts> counts;
  // No smaller than the kernel's buffer (bpf_seq_read(), 8 pages), which has whole records: no piece ends within one.
  std::array<std::byte, 2048 * sizeof(flow_count_record)> buffer;
  run_iterator(::flows_iterator(program_.get()), buffer, [&](std::span<const std::byte> piece) {
    for (; piece.size() >= sizeof(flow_count_record); piece = piece.subspan(sizeof(flow_count_record))) {
      flow_count_record record;
      std::memcpy(&record, piece.data(), sizeof record);
      counts[record.cookie] = {record.given, record.sampled};
    }
  });
  return counts;
}

}  // namespace reuseport::bpf
