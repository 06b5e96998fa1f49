#include "addon/line_program.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <thread>

#include "common/system_error.h"
#include "support/child.h"

using namespace reuseport;
using namespace reuseport::test;
using namespace std::chrono_literals;

namespace {

// A shell script as a program, removed with the test.
class Script {
 public:
  explicit Script(const std::string& text) {
    char name[] = "/tmp/line-program-XXXXXX";
    const UniqueFd file(must(::mkstemp(name), "mkstemp"));
    path = name;
    std::ofstream(path) << "#!/bin/sh\n" << text;
    must(::chmod(name, 0700), "chmod");
  }
  ~Script() { ::unlink(path.c_str()); }
  std::string path;
};

}  // namespace

TEST_CASE("each request gets one line, however long, and the argument is passed") {
  const Script script("while read line; do head -c 200000 /dev/zero | tr '\\0' x; echo \"$1\"; done");
  LineProgram program(script.path, "groups");
  for (int request = 0; request < 2; request++) {
    const auto answer = program.ask(60s);
    REQUIRE(answer.line);
    CHECK(answer.line->size() == 200006);
    CHECK(answer.line->ends_with("xgroups"));
  }
}

TEST_CASE("a program that ends says why") {
  const Script script("read line; echo 'not permitted' >&2; exit 3");
  LineProgram program(script.path, "groups");
  const auto answer = program.ask(60s);
  CHECK(!answer.line);
  CHECK(answer.error_text == "not permitted\n");
  REQUIRE(answer.status);
  CHECK(WEXITSTATUS(*answer.status) == 3);
}

TEST_CASE("a program that does not answer is not waited for longer than asked, and ends") {
  const Script script("read line; exec sleep 600");
  LineProgram program(script.path, "groups");
  const auto late = program.ask(20ms);
  CHECK(!late.line);
  CHECK(!late.status);
  std::thread other([&] { program.end(); });
  const auto killed = program.ask(60s);
  other.join();
  CHECK(!killed.line);
  // Without a status where it was ended before we asked.
  if (killed.status) CHECK(WTERMSIG(*killed.status) == SIGKILL);
}

TEST_CASE("a program that cannot be started is an error, with its path") {
  try {
    LineProgram program("/nonexistent/program", "groups");
    FAIL("it was started");
  } catch (const SystemError& error) {
    CHECK(error.error == ENOENT);
    CHECK(error.operation == "start /nonexistent/program");
  }
}

TEST_CASE("nothing is left of a program that was ended") {
  const Script script("while read line; do echo $$; done");
  LineProgram program(script.path, "groups");
  const auto answer = program.ask(60s);
  REQUIRE(answer.line);
  const pid_t pid = std::stoi(*answer.line);
  program.end();
  CHECK(!program.ask(60s).line);
  while (::kill(pid, 0) == 0) std::this_thread::yield();
  CHECK(errno == ESRCH);
}
