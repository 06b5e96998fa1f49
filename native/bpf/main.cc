// reuseport-bpf VERB: what the kernel itself holds of SO_REUSEPORT groups, read by BPF programs.
//
//   features                  which verbs work here: {"groups":null,"count":null,"flows":null}, or the reason why one does
//                             not in place of null; what the kernel says about a program that it refuses is on standard error
//   groups [--buffer BYTES]   for each line on standard input one line: the groups that changed (group_reader.h)
//   count                     for each line on standard input one line: how many connections or datagrams the members
//                             were given, where that changed (count_reader.h)
//   flows                     for each line on standard input one line: a sample of the clients that went to members, with
//                             what was left out (flow_reader.h)
//
// Where more changed than one line should have, the next lines on standard input get the rest of it (answer.h).
//
// A verb that does not work here prints the reason on standard error and ends with status 1. It only reads. It ends when
// standard input or its parent ends. The programs are loaded first, then every capability is given up. Nothing is pinned:
// what was loaded ends with the process, however that ends.
#include <signal.h>
#include <sys/prctl.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "bpf/count_reader.h"
#include "bpf/flow_reader.h"
#include "bpf/group_reader.h"
#include "bpf/obstacles.h"
#include "bpf/programs.h"
#include "common/json.h"

namespace {

using reuseport::bpf::CountReader;
using reuseport::bpf::FlowReader;
using reuseport::bpf::GroupReader;
using std::string_view_literals::operator""sv;

int usage() {
  std::fputs("usage: reuseport-bpf features | groups [--buffer BYTES] | count | flows\n", stderr);
  return 2;
}

template <typename Reader>
void print_feature(reuseport::Json& json, const char* verb) {
  json.key(verb);
  try {
    Reader().answer([](const std::string&) {});
    json.null();
  } catch (const std::exception& error) {
    json.value(error.what());
  }
}

void print_features() {
  ::log_refused_programs();
  reuseport::Json json;
  json.open('{');
  print_feature<GroupReader>(json, "groups");
  print_feature<CountReader>(json, "count");
  print_feature<FlowReader>(json, "flows");
  std::cout << json.close('}').text() << std::endl;
}

// Returns the exit status.
template <typename Reader, typename... Arguments>
int serve(Arguments... arguments) {
  Reader reader(arguments...);
  reuseport::bpf::drop_capabilities();
  for (std::string request; std::getline(std::cin, request);) {
    bool first = true;
    reader.answer([&](const std::string& line) {
      if (!first && !std::getline(std::cin, request)) std::exit(0);
      first = false;
      std::cout << line << std::endl;
    });
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  // In addition to the end of standard input, since another process may hold the parent's end of the pipe.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::span<char*> all(arguments, static_cast<std::size_t>(count));
  try {
    if (count == 2 && all[1] == "features"sv) {
      print_features();
      return 0;
    }
    if (count == 2 && all[1] == "count"sv) return serve<CountReader>();
    if (count == 2 && all[1] == "flows"sv) return serve<FlowReader>();
    std::uint32_t buffer = GroupReader::kBufferBytes;
    if (count < 2 || all[1] != "groups"sv) return usage();
    if (count == 4 && all[2] == "--buffer"sv) {
      const std::string_view bytes = all[3];
      if (std::from_chars(bytes.begin(), bytes.end(), buffer).ptr != bytes.end()) return usage();
    } else if (count != 2) {
      return usage();
    }
    if (buffer < GroupReader::kMinBufferBytes || buffer > GroupReader::kBufferBytes) return usage();
    return serve<GroupReader>(buffer);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
