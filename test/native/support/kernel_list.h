// The kernel's table of listeners as a dump meets it: a list that grows at one end, read in batches, where only a
// position is kept between two batches (inet_diag_dump_icsk() in net/ipv4/tcp_diag.c).
#pragma once

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "fake_kernel.h"

namespace reuseport::test {

class KernelList {
 public:
  std::vector<DiagSocket> sockets;
  // Called between two batches, and before the first: here the world moves on.
  std::function<void()> between = [] {};
  // Sockets a batch, for a request that asks for these extensions.
  std::function<std::size_t(std::uint8_t extensions)> batch_size = [](std::uint8_t) { return 7; };
  std::size_t batches = 0;  // made since the test began

  // Answers dumps of TCP sockets; UDP is empty.
  std::unique_ptr<Kernel> kernel() {
    auto script = std::make_shared<FakeKernel::Script>();
    script->on_request = [this](const nlmsghdr& header, Bytes payload) {
      sequence_ = header.nlmsg_seq;
      running_ = true;
      position_ = 0;
      const bool tcp = header.nlmsg_type == TCPDIAG_GETSOCK;
      if (!tcp) position_ = static_cast<std::size_t>(-1);
      const auto request = tcp ? read_as<inet_diag_req>(payload) : inet_diag_req{};
      size_ = batch_size(request.idiag_ext);
      states_ = request.idiag_states;
    };
    script->before_receive = [this](FakeKernel::Script& to) {
      if (!running_) return;
      between();
      Buffer datagram;
      for (std::size_t n = 0; n < size_ && position_ < sockets.size(); position_++) {
        if ((states_ & (sockets[position_].state == 10 ? 1u << 10 : 1u << 13)) == 0) continue;
        append(datagram, sockets[position_].bytes(sequence_, FakeKernel::kPort));
        n++;
      }
      if (datagram.empty()) {
        running_ = false;
        datagram = message(NLMSG_DONE, number(0), sequence_, FakeKernel::kPort);
      } else {
        // As long as the kernel's own batches, so that a short one has room and a full one has none.
        batches++;
        if (position_ < sockets.size() || datagram.size() > 3000) append(datagram, filler(datagram.size()));
      }
      to.deliveries.push_back({std::move(datagram)});
    };
    return std::make_unique<FakeKernel>(script);
  }

 private:
  Buffer filler(std::size_t used) const {
    return message(NLMSG_NOOP, Buffer(32000 - used), sequence_, FakeKernel::kPort);
  }

  std::uint32_t sequence_ = 0;
  std::size_t position_ = 0;
  std::size_t size_ = 0;
  std::uint32_t states_ = 0;
  bool running_ = false;
};

}  // namespace reuseport::test
