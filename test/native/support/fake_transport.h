// A transport whose replies the test scripts.
#pragma once

#include <cerrno>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "common/netlink.h"
#include "messages.h"

namespace reuseport::test {

// The result of one receive().
struct Delivery {
  Buffer datagram;
  int error = 0;
  std::uint32_t from_port = 0;
  bool truncated = false;
};

class FakeTransport final : public NetlinkTransport {
 public:
  static constexpr std::uint32_t kPort = 7;
  // Shared by the test and the transport.
  struct Script {
    std::deque<Delivery> deliveries;
    std::vector<Buffer> requests;
    int send_error = 0;
    std::function<void(const nlmsghdr&, Bytes)> on_request;  // may add deliveries
    std::function<void(Script&)> before_receive;             // may add deliveries
  };

  explicit FakeTransport(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  std::uint32_t port() const override { return kPort; }

  int send(Bytes datagram) override {
    if (script_->send_error != 0) return script_->send_error;
    script_->requests.emplace_back(datagram.begin(), datagram.end());
    Messages messages(datagram);
    while (const auto request = messages.next())
      if (script_->on_request) script_->on_request(request->header, request->payload);
    return 0;
  }

  int receive(std::span<std::byte> buffer, bool, Received& received) override {
    if (script_->before_receive) script_->before_receive(*script_);
    if (script_->deliveries.empty()) return EAGAIN;
    const Delivery next = std::move(script_->deliveries.front());
    script_->deliveries.pop_front();
    if (next.error != 0) return next.error;
    const std::size_t size = std::min(next.datagram.size(), buffer.size());
    if (size > 0) std::memcpy(buffer.data(), next.datagram.data(), size);
    received = {size, next.truncated || size < next.datagram.size(), next.from_port};
    return 0;
  }

 private:
  std::shared_ptr<Script> script_;
};

}  // namespace reuseport::test
