// Sends and receives batches of datagrams on a connected socket: sendmmsg(2) and recvmmsg(2).
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace reuseport::lab {

// Buffers for `capacity` datagrams of at most kMaxSize bytes. Never blocks.
class Datagrams {
 public:
  static constexpr std::size_t kMaxSize = 512;

  explicit Datagrams(unsigned capacity) : bytes_(capacity), parts_(capacity), headers_(capacity) {
    for (unsigned i = 0; i < capacity; i++) {
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::span<char> buffer(unsigned i) { return bytes_[i]; }
  void set_size(unsigned i, std::size_t size) { parts_[i] = {.iov_base = bytes_[i].data(), .iov_len = size}; }
  // As sendmmsg(2).
  int send(int socket, unsigned count) {
    return ::sendmmsg(socket, headers_.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  // As recvmmsg(2).
  int receive(int socket) {
    for (unsigned i = 0; i < headers_.size(); i++) set_size(i, bytes_[i].size());
    return ::recvmmsg(socket, headers_.data(), static_cast<unsigned>(headers_.size()), MSG_DONTWAIT, nullptr);
  }
  std::span<const char> received(unsigned i) const { return {bytes_[i].data(), headers_[i].msg_len}; }

 private:
  std::vector<std::array<char, kMaxSize>> bytes_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
};

}  // namespace reuseport::lab
