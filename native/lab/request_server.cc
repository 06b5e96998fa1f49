#include "request_server.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "common/unix_peer.h"
#include "protocol.h"

namespace reuseport::lab {
namespace {

constexpr std::size_t kMaxPeers = 32;
// A client that does not read replies must not block the others for long.
constexpr timeval kTimeout{.tv_sec = 2, .tv_usec = 0};

UniqueFd listen_abstract(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // a leading NUL: abstract (unix(7))
  const std::size_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  if (!fd || ::bind(fd.get(), raw, static_cast<socklen_t>(length)) < 0 || ::listen(fd.get(), 16) < 0)
    throw LabError("bind", errno, "@" + name);
  return fd;
}

UniqueFd watch_children() {
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &children, nullptr);
  UniqueFd fd(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw LabError("signalfd", errno);
  return fd;
}

std::string name_of(const std::string& id) {
  return "reuseport-inspector/lab/" + std::to_string(::geteuid()) + "/" + id;
}

bool may_send_requests(int connection) {
  const auto uid = peer_uid(connection);
  return uid == 0u || uid == ::geteuid();
}

}  // namespace

RequestServer::RequestServer(const std::string& id, Supervisor& supervisor)
    : supervisor_(supervisor), listener_(listen_abstract(name_of(id))), children_(watch_children()) {
  peers_.push_back({.connection = {}, .in = STDIN_FILENO, .out = STDOUT_FILENO});
}

void RequestServer::serve() {
  std::vector<pollfd> polled;
  while (!supervisor_.finished()) {
    polled = {{.fd = children_.get(), .events = POLLIN, .revents = 0},
              {.fd = listener_.get(), .events = POLLIN, .revents = 0}};
    const std::size_t first_peer = polled.size();
    for (const Peer& peer : peers_) polled.push_back({.fd = peer.in, .events = POLLIN, .revents = 0});
    if (::poll(polled.data(), polled.size(), supervisor_.milliseconds_left()) < 0 && errno != EINTR)
      throw LabError("poll", errno);

    signalfd_siginfo ended;
    while (::read(children_.get(), &ended, sizeof ended) > 0) continue;
    supervisor_.reap_children();
    supervisor_.guard_traffic();
    for (std::size_t i = 0; i < peers_.size() && !supervisor_.finished(); i++)
      if (polled[first_peer + i].revents != 0) read(peers_[i]);
    if (peers_.front().finished) return;
    std::erase_if(peers_, [](const Peer& peer) { return peer.finished; });
    if (polled[1].revents != 0) admit();
  }
}

void RequestServer::admit() {
  UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection || peers_.size() >= kMaxPeers || !may_send_requests(connection.get())) return;
  ::setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
  const int fd = connection.get();
  peers_.push_back({.connection = std::move(connection), .in = fd, .out = fd});
}

void RequestServer::read(Peer& peer) {
  char bytes[4096];
  const ssize_t size = ::read(peer.in, bytes, sizeof bytes);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size <= 0) {
    peer.finished = true;
    return;
  }
  peer.lines.add({bytes, static_cast<std::size_t>(size)});
  while (!peer.finished && !supervisor_.finished()) {
    const auto line = peer.lines.next();
    if (!line) break;
    peer.finished = !write(peer.out, supervisor_.reply_to(*line) + '\n');
  }
  if (peer.lines.too_long()) peer.finished = true;
}

bool RequestServer::write(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace reuseport::lab
