// Coverage-guided fuzzing of everything that a lab's processes read from others: requests and their lines, DNS queries and answers,
// probes, the reports of a worker process (it may run as another user), and connections that are handed off.
//
// The first byte of an input selects the reader, the rest is its input.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>

#include "lab/commands.h"
#include "lab/dns.h"
#include "lab/handoff.h"
#include "lab/probe.h"
#include "lab/protocol.h"
#include "lab/request_lines.h"
#include "lab/supervisor.h"

using namespace reuseport;
using namespace reuseport::lab;

namespace {

// Fails the fuzzer on this input.
void require(bool held) {
  if (!held) std::abort();
}

void check(const ListenPlan& plan) {
  require(!plan.address.empty());
  require(plan.listeners >= 1 && plan.listeners <= 4096 && plan.processes >= 1 && plan.processes <= 64);
  require(plan.backlog >= 0 && plan.backlog <= 65535);
  require(plan.seconds >= 1 && plan.seconds <= 7200);
  require(plan.delay_us >= 100 && plan.delay_us <= 60'000'000);
  require(!plan.receive_buffer || (*plan.receive_buffer >= 256 && *plan.receive_buffer <= 1'000'000'000));
  require(!plan.migrate_requests || plan.own_namespace);
  for (const auto& id : {plan.credentials.uid, plan.credentials.gid}) require(!id || *id != ~0u);
}
void check(const TrafficPlan& plan) {
  require(plan.count >= 1 && plan.count <= 10'000'000);
  require(!plan.rate || (std::isfinite(*plan.rate) && *plan.rate > 0));
  require(plan.seconds > 0 && plan.seconds <= 3600 && plan.threads >= 1 && plan.threads <= 16);
  require(plan.sources >= 1 && plan.sources <= 65'536 && plan.flows >= 1 && plan.flows <= 1'000'000);
  require(plan.timeout_ms >= 1 && plan.timeout_ms <= 3'600'000);
}
void check(const auto&) {}

// The reply is always one line of JSON.
void check_answer(std::string_view answer) {
  require(answer.starts_with('{') && answer.ends_with('}'));
  require(std::ranges::all_of(answer, [](char c) { return c >= 0x20 && c < 0x7f; }));
}

void read_request(std::string_view line) {
  bool opens = false;
  try {
    const Request request = parse_request(line);
    std::visit([](const auto& plan) { check(plan); }, request);
    opens = std::holds_alternative<ListenPlan>(request);
  } catch (const LabError& error) {
    require(error.error == EINVAL);
  }
  if (!opens) check_answer(Supervisor("00000000").reply_to(line));
}

void answer_question(std::string_view query) {
  constexpr std::uint32_t kWorker = 8191;
  for (const std::size_t room : {std::size_t{512}, std::size_t{40}}) {
    // A separate allocation, so that the sanitizer detects reads past its end.
    std::string into(room, '\0');
    const auto size = dns::write_answer(query, kWorker, into);
    if (!size) continue;
    require(*size <= room && std::string_view(into).substr(0, 2) == query.substr(0, 2));
    // An answer gets no answer.
    require(!dns::write_answer(std::string_view(into).substr(0, *size), 0, std::span(into)));
    const auto read = dns::read_answer(std::string_view(into).substr(0, *size));
    require(!read || read->worker == kWorker);
  }
}

// The first byte: how many bytes arrive at a time. However a stream is cut, it has the same lines.
void split_lines(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t step = 1 + static_cast<unsigned char>(bytes.front());
  const std::string_view stream = bytes.substr(1);
  RequestLines lines;
  std::string joined;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    lines.add(stream.substr(at, step));
    while (const auto line = lines.next()) {
      require(line->find('\n') == std::string::npos);
      joined += *line + '\n';
    }
    // What is not a line yet.
    const std::size_t waiting = std::min(at + step, stream.size()) - joined.size();
    require(lines.too_long() == (waiting > kMaxRequestSize));
  }
  require(stream.starts_with(joined) && stream.find('\n', joined.size()) == std::string_view::npos);
}

struct Ends {
  UniqueFd ours, theirs;
  Ends() {
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
  }
};

void read_report(std::string_view bytes) {
  Ends ends;
  require(::send(ends.theirs.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0);
  ends.theirs.reset();
  CommandChannel channel(std::move(ends.ours));
  try {
    static_cast<void>(channel.wait_report());
    require(bytes.size() == sizeof(Report));
  } catch (const LabError& error) {
    require(error.error != 0);
    require(error.call.size() < sizeof Report::call && error.at.size() < sizeof Report::at);
  }
}

// A test opens only a few, so only a few are checked.
int open_descriptors() {
  int count = 0;
  for (int fd = 0; fd < 64; fd++) count += ::fcntl(fd, F_GETFD) >= 0;
  return count;
}

// The first byte: how many descriptors come along.
void take_connection(std::string_view bytes) {
  constexpr std::size_t kMost = 8;
  const int before = open_descriptors();
  {
    const Ends ends;
    const std::size_t count = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front()) % (kMost + 1);
    std::array<int, kMost> sent;
    sent.fill(STDOUT_FILENO);
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof sent)] = {};
    const std::string_view body = bytes.substr(std::min<std::size_t>(1, bytes.size()));
    iovec part{.iov_base = const_cast<char*>(body.data()), .iov_len = body.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (count > 0) {
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(count * sizeof(int));
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(count * sizeof(int));
      std::memcpy(CMSG_DATA(header), sent.data(), count * sizeof(int));
    }
    require(::sendmsg(ends.theirs.get(), &message, MSG_NOSIGNAL) >= 0);
    const UniqueFd taken = receive_connection(ends.ours.get());
    require(static_cast<bool>(taken) == (count > 0));
  }
  // No received descriptor is still open.
  require(open_descriptors() == before);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (static_cast<unsigned char>(data[0] - '0') % 7) {
    case 0:
      read_request(rest);
      break;
    case 1:
      answer_question(rest);
      break;
    case 2:
      dns::read_answer(rest);
      break;
    case 3:
      read_probe(rest);
      break;
    case 4:
      read_report(rest);
      break;
    case 5:
      take_connection(rest);
      break;
    default:
      split_lines(rest);
  }
  return 0;
}
