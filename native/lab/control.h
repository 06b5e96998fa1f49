// The ways in which requests come: standard input, and the abstract unix socket of the lab.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "supervisor.h"
#include "unique_fd.h"

namespace reuseport::lab {

class Control {
 public:
  // Opens the abstract socket, in the network namespace of the process that starts the lab. Throws LabError.
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

  void admit();
  void read(Peer& peer);
  static bool write(int fd, std::string_view text);

  Supervisor& supervisor_;
  UniqueFd listener_;
  UniqueFd children_;  // signalfd(2) of SIGCHLD
  std::vector<Peer> peers_;
};

}  // namespace reuseport::lab
