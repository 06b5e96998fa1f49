// The datagrams of one connected socket, many in a system call: sendmmsg(2) and recvmmsg(2).
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace reuseport::lab {

// Room for so many, each no longer than kLongest. The socket does not wait.
class Datagrams {
 public:
  static constexpr std::size_t kLongest = 512;

  explicit Datagrams(unsigned most) : bytes_(most), parts_(most), headers_(most) {
    for (unsigned i = 0; i < most; i++) {
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::span<char> room(unsigned i) { return bytes_[i]; }
  void size(unsigned i, std::size_t size) { parts_[i] = {.iov_base = bytes_[i].data(), .iov_len = size}; }
  // As sendmmsg(2).
  int send(int socket, unsigned count) {
    return ::sendmmsg(socket, headers_.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  // As recvmmsg(2).
  int receive(int socket) {
    for (unsigned i = 0; i < headers_.size(); i++) size(i, bytes_[i].size());
    return ::recvmmsg(socket, headers_.data(), static_cast<unsigned>(headers_.size()), MSG_DONTWAIT, nullptr);
  }
  std::span<const char> received(unsigned i) const { return {bytes_[i].data(), headers_[i].msg_len}; }

 private:
  std::vector<std::array<char, kLongest>> bytes_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
};

}  // namespace reuseport::lab
