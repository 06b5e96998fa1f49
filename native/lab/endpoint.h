// An address and port, as a sockaddr and as text.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "common/records.h"

namespace reuseport::lab {

class Endpoint {
 public:
  // `address` is numeric, with a zone if needed ("fe80::1%eth0"). Throws LabError (EINVAL).
  static Endpoint parse(const std::string& address, std::uint16_t port);
  // The local endpoint of a socket. Throws LabError.
  static Endpoint of_socket(int fd);
  // 127.1.0.0 plus `index`: the source addresses of traffic over IPv4 loopback.
  static Endpoint loopback_source(unsigned index);

  Family family() const { return storage_.ss_family == AF_INET ? Family::ipv4 : Family::ipv6; }
  std::uint16_t port() const;  // host order
  std::string address() const;
  Address bytes() const;

  // The same address with another port.
  Endpoint with_port(std::uint16_t port) const;
  // Where a client on this machine connects: for a wildcard the loopback address of its family, else the same.
  Endpoint reachable() const;
  // Whether it is in 127.0.0.0/8, where any address can be used as a source.
  bool loopback_ipv4() const;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return storage_.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6); }

 private:
  const sockaddr_in& v4() const { return reinterpret_cast<const sockaddr_in&>(storage_); }
  const sockaddr_in6& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage_); }

  sockaddr_storage storage_{};
};

}  // namespace reuseport::lab
