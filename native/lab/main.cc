// reuseport-lab ID: the supervisor of one lab. See protocol.h for its requests.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "request_server.h"
#include "supervisor.h"

namespace {

bool is_id(std::string_view text) {
  return text.size() == 8 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Raises the descriptor limit to the maximum.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 || !is_id(arguments[1])) {
    std::fputs("usage: reuseport-lab ID (8 hexadecimal digits), with requests on standard input\n", stderr);
    return 2;
  }
  // In addition to the end of standard input, since another process may hold the parent's end of the pipe.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  try {
    reuseport::lab::Supervisor supervisor(arguments[1]);
    reuseport::lab::RequestServer(arguments[1], supervisor).serve();
    supervisor.end();
    if (supervisor.reason().empty()) return 0;
    std::fprintf(stderr, "reuseport-lab: %s\n", supervisor.reason().c_str());
  } catch (const reuseport::lab::LabError& error) {
    std::fprintf(stderr, "reuseport-lab: %s\n", error.what());
  }
  return 1;
}
