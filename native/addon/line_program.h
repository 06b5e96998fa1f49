// A program beside this one that answers each line on its standard input with one line on its standard output, such as
// the BPF reader. Node could start it too, but loads 20 ms of modules for that.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "common/unique_fd.h"

namespace reuseport {

class LineProgram {
 public:
  struct Answer {
    // Without its newline. Empty where there is none: the program ended, or did not answer in time.
    std::optional<std::string> line;
    // What it wrote to standard error, at most kMaxErrorText bytes, if it ended; and its status as of waitpid(2).
    std::string error_text;
    std::optional<int> status;
  };
  static constexpr std::size_t kMaxErrorText = 500;

  // Starts it with one argument, in a session of its own: Ctrl+C goes to us, and we end it. Throws SystemError.
  LineProgram(const std::string& path, const std::string& argument);
  ~LineProgram() { end(); }
  LineProgram(const LineProgram&) = delete;
  LineProgram& operator=(const LineProgram&) = delete;

  // Sends an empty line and waits for the answer. Calls must not overlap.
  Answer ask(std::chrono::milliseconds timeout);
  // Kills it, also while a thread is asking, which then gets no line. Does not wait: it may have something of the kernel
  // to give back.
  void end();

 private:
  // One line of what was received, or nothing at the end of standard output or of the time.
  std::optional<std::string> receive_line(std::chrono::steady_clock::time_point until, bool& ended);
  Answer reap();

  UniqueFd lines_;   // its standard input and output
  UniqueFd errors_;  // its standard error
  std::string received_;
  std::mutex mutex_;     // of the following
  pid_t pid_ = -1;       // -1 once someone waits for it
  bool asking_ = false;  // the thread that asks waits for it when it ends
};

}  // namespace reuseport
