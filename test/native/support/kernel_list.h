// The kernel's table of listeners as a dump sees it: a list that grows at one end, read in batches, with only a
// position kept between two batches (inet_diag_dump_icsk() in net/ipv4/tcp_diag.c).
#pragma once

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "fake_transport.h"

namespace reuseport::test {

class KernelList {
 public:
  std::vector<DiagSocket> sockets;
  // Called before each batch: here the test changes the list.
  std::function<void()> between = [] {};
  // Sockets per batch, for a request with these extensions.
  std::function<std::size_t(std::uint8_t extensions)> batch_size = [](std::uint8_t) { return 7; };
  std::size_t batches = 0;  // so far

  // Replies to dumps of TCP sockets; UDP is empty.
  std::unique_ptr<NetlinkTransport> transport() {
    auto script = std::make_shared<FakeTransport::Script>();
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
    script->before_receive = [this](FakeTransport::Script& to) {
      if (!running_) return;
      between();
      Buffer datagram;
      for (std::size_t n = 0; n < size_ && position_ < sockets.size(); position_++) {
        if ((states_ & (sockets[position_].state == 10 ? 1u << 10 : 1u << 13)) == 0) continue;
        append(datagram, sockets[position_].bytes(sequence_, FakeTransport::kPort));
        n++;
      }
      if (datagram.empty()) {
        running_ = false;
        datagram = message(NLMSG_DONE, number(0), sequence_, FakeTransport::kPort);
      } else {
        // As long as the kernel's batches, so that a short one is not full and a full one is.
        batches++;
        if (position_ < sockets.size() || datagram.size() > 3000) append(datagram, filler(datagram.size()));
      }
      to.deliveries.push_back({std::move(datagram)});
    };
    return std::make_unique<FakeTransport>(script);
  }

 private:
  Buffer filler(std::size_t used) const {
    return message(NLMSG_NOOP, Buffer(32000 - used), sequence_, FakeTransport::kPort);
  }

  std::uint32_t sequence_ = 0;
  std::size_t position_ = 0;
  std::size_t size_ = 0;
  std::uint32_t states_ = 0;
  bool running_ = false;
};

}  // namespace reuseport::test
