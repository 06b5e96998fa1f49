#include "listeners.h"

#include <net/if.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace reuseport::lab {
namespace {

// Sets socket options of one member; errors name the member.
class Options {
 public:
  Options(int fd, const std::string& member) : fd_(fd), member_(member) {}
  void set(int level, int option, const char* name, const void* value, socklen_t size) const {
    if (::setsockopt(fd_, level, option, value, size) < 0)
      throw LabError(std::string("setsockopt ") + name, errno, member_);
  }
  void set(int level, int option, const char* name, int value) const { set(level, option, name, &value, sizeof value); }

 private:
  int fd_;
  const std::string& member_;
};

}  // namespace

UniqueFd open_listener(const ListenPlan& plan, const Endpoint& endpoint, unsigned index, MemberSharing sharing) {
  const std::string member = "member " + std::to_string(index + 1);  // counted from 1 for people
  const bool tcp = plan.protocol == Protocol::tcp;
  const int family = endpoint.family() == Family::ipv4 ? AF_INET : AF_INET6;
  UniqueFd fd(::socket(family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw LabError("socket", errno, member);

  const Options options(fd.get(), member);
  if (sharing.reuseport) options.set(SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT", 1);
  if (sharing.reuseaddr) options.set(SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", 1);
  if (plan.v6only && family == AF_INET6) options.set(IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY", *plan.v6only);
  if (!plan.device.empty())
    options.set(SOL_SOCKET, SO_BINDTODEVICE, "SO_BINDTODEVICE", plan.device.c_str(),
                static_cast<socklen_t>(plan.device.size()));
  if (plan.incoming_cpu) {
    const auto cpus = static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN));
    options.set(SOL_SOCKET, SO_INCOMING_CPU, "SO_INCOMING_CPU", static_cast<int>(index % cpus));
  }
  if (plan.receive_buffer) options.set(SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", *plan.receive_buffer);

  if (::bind(fd.get(), endpoint.raw(), endpoint.length()) < 0) throw LabError("bind", errno, member);
  if (tcp && ::listen(fd.get(), plan.backlog) < 0) throw LabError("listen", errno, member);
  return fd;
}

MemberFacts facts_of(int listener) {
  MemberFacts facts;
  socklen_t length = sizeof facts.cookie;
  if (::getsockopt(listener, SOL_SOCKET, SO_COOKIE, &facts.cookie, &length) < 0)
    throw LabError("getsockopt SO_COOKIE", errno);
  struct stat status {};
  if (::fstat(listener, &status) < 0) throw LabError("fstat", errno, "a listener");
  facts.inode = static_cast<std::uint32_t>(status.st_ino);
  facts.uid = status.st_uid;
  facts.port = Endpoint::of_socket(listener).port();
  return facts;
}

}  // namespace reuseport::lab
