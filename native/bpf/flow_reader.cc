#include "bpf/flow_reader.h"

#include <arpa/inet.h>
#include <bpf/libbpf.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "bpf/iterator.h"
#include "bpf/obstacles.h"
#include "common/json.h"

namespace reuseport::bpf {
namespace {

constexpr Requirement kRequirements[] = {kInetSockSetState, kRingbufOutput, kSkStorageIterator, kSkDataReady};

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
    : program_(expect_loaded(::load_flows(), kRequirements)), buffer_(nullptr, ::ring_buffer__free) {
  const auto take = [](void* flows, void* data, std::size_t size) {
    if (size >= sizeof(flow_record))
      static_cast<std::vector<flow_record>*>(flows)->push_back(*static_cast<const flow_record*>(data));
    return 0;
  };
  const int ring = ::flows_ring(program_.get());
  buffer_.reset(expect_loaded(::ring_buffer__new(ring, take, &flows_, nullptr), kRequirements));
  // Later than the first one that is sampled, by microseconds.
  since_ = in_milliseconds(std::chrono::system_clock::now().time_since_epoch());
}

void FlowReader::answer(const SendLine& send) {
  // The counts first: what is sampled meanwhile is in the next answer's.
  auto counts = read_counts();
  flows_.clear();
  if (const int error = ::ring_buffer__consume(buffer_.get()); error < 0) throw SystemError("read the flows", -error);
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
  compare(last_, counts, member, [&](std::uint64_t cookie) { member(cookie, {}); });
  answer.end();
  last_ = std::move(counts);
}

std::unordered_map<std::uint64_t, FlowReader::Counts> FlowReader::read_counts() {
  std::unordered_map<std::uint64_t, Counts> counts;
  read_records<flow_count_record>(::flows_iterator(program_.get()), [&](const flow_count_record& record) {
    counts[record.cookie] = {record.given, record.sampled};
  });
  return counts;
}

}  // namespace reuseport::bpf
