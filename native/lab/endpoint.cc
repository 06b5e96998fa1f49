#include "endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>

#include <cerrno>
#include <cstring>

#include "protocol.h"

namespace reuseport::lab {

Endpoint Endpoint::parse(const std::string& address, std::uint16_t port) {
  Endpoint endpoint;
  auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.storage_);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(endpoint.storage_);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return endpoint;
  }
  // An interface may follow: fe80::1%eth0.
  const std::size_t end = address.find('%');
  const std::string scope = end == std::string::npos ? "" : address.substr(end + 1);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_scope_id = ::if_nametoindex(scope.c_str());
  if (::inet_pton(AF_INET6, address.substr(0, end).c_str(), &v6.sin6_addr) != 1 ||
      (end != std::string::npos && v6.sin6_scope_id == 0))
    throw LabError("listen", EINVAL, "address");
  return endpoint;
}

Endpoint Endpoint::of_socket(int fd) {
  Endpoint endpoint;
  socklen_t length = sizeof endpoint.storage_;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&endpoint.storage_), &length) < 0)
    throw LabError("getsockname", errno);
  return endpoint;
}

Endpoint Endpoint::loopback_source(unsigned index) {
  Endpoint endpoint;
  auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.storage_);
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x7f010000u + index);
  return endpoint;
}

std::uint16_t Endpoint::port() const { return ntohs(family() == Family::ipv4 ? v4().sin_port : v6().sin6_port); }

std::string Endpoint::address() const {
  char text[NI_MAXHOST];
  if (::getnameinfo(raw(), length(), text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return text;
}

Address Endpoint::bytes() const {
  Address bytes{};
  if (family() == Family::ipv4) std::memcpy(bytes.data(), &v4().sin_addr, sizeof v4().sin_addr);
  else std::memcpy(bytes.data(), &v6().sin6_addr, sizeof v6().sin6_addr);
  return bytes;
}

Endpoint Endpoint::with_port(std::uint16_t port) const {
  Endpoint other = *this;
  if (family() == Family::ipv4) reinterpret_cast<sockaddr_in&>(other.storage_).sin_port = htons(port);
  else reinterpret_cast<sockaddr_in6&>(other.storage_).sin6_port = htons(port);
  return other;
}

Endpoint Endpoint::reachable() const {
  if (bytes() != Address{}) return *this;
  return parse(family() == Family::ipv4 ? "127.0.0.1" : "::1", port());
}

bool Endpoint::loopback_ipv4() const { return family() == Family::ipv4 && bytes()[0] == 127; }

}  // namespace reuseport::lab
