// The ways in which requests come: standard input, and the abstract unix socket of the lab.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor.h"
#include "unique_fd.h"

namespace reuseport::lab {

class Control {
 public:
  // Opens the abstract sockets, in the network namespace of whoever starts the lab. Throws LabError.
  Control(const std::string& id, Supervisor& supervisor);

  // Serves until the lab is over, or standard input ends.
  void serve();

 private:
  // Who asks: bytes come on one descriptor, answers go to another, which may be the same.
  struct Peer {
    UniqueFd connection;  // none for standard input
    int in, out;
    std::string unread{};
    bool over = false;
  };

  void admit(int listener);
  void read(Peer& peer);
  static bool write(int fd, std::string_view text);

  Supervisor& supervisor_;
  // Names of abstract sockets have a length and no end. Some clients send theirs as long as it is, others (Node 20) the
  // whole of sun_path, with zeros: two names to the kernel, one to people.
  std::array<UniqueFd, 2> listeners_;
  UniqueFd children_;  // signalfd(2) of SIGCHLD
  std::vector<Peer> peers_;
};

}  // namespace reuseport::lab
