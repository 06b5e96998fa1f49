// An address and port, as the kernel takes them and as people write them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "records.h"

namespace reuseport::lab {

class Endpoint {
 public:
  // `address` in numbers, with a zone where it needs one ("fe80::1%eth0"). Throws LabError (EINVAL).
  static Endpoint parse(const std::string& address, std::uint16_t port);
  // What a socket is bound to. Throws LabError.
  static Endpoint of_socket(int fd);
  // 127.1.0.0 and the following: the addresses that traffic over IPv4 loopback comes from.
  static Endpoint loopback_source(unsigned index);

  Family family() const { return storage_.ss_family == AF_INET ? Family::ipv4 : Family::ipv6; }
  std::uint16_t port() const;  // host order
  std::string address() const;
  Address bytes() const;

  // The same address with another port.
  Endpoint with_port(std::uint16_t port) const;
  // Where a client on this machine goes: for a wildcard the loopback address of its family, else the same.
  Endpoint reachable() const;
  // Whether it is in 127.0.0.0/8, where every address is ours to send from.
  bool loopback_ipv4() const;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return storage_.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6); }

 private:
  const sockaddr_in& v4() const { return reinterpret_cast<const sockaddr_in&>(storage_); }
  const sockaddr_in6& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage_); }

  sockaddr_storage storage_{};
};

}  // namespace reuseport::lab
