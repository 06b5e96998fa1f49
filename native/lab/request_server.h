// Serves requests from standard input and from the lab's abstract unix socket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/unique_fd.h"
#include "request_lines.h"
#include "supervisor.h"

namespace reuseport::lab {

class RequestServer {
 public:
  // Opens the abstract socket, in the network namespace of the parent process. Throws LabError.
  RequestServer(const std::string& id, Supervisor& supervisor);

  // Serves until the lab ends, or standard input is closed.
  void serve();

 private:
  // A client: requests arrive on one descriptor, replies go to another, possibly the same.
  struct Peer {
    UniqueFd connection;  // none for standard input
    int in, out;
    RequestLines lines{};
    bool finished = false;
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
