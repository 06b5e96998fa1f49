#include "line_program.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "common/system_error.h"

extern char** environ;

namespace reuseport {
namespace {

constexpr std::size_t kChunk = 1 << 16;

// posix_spawn(3): it returns the error, that of execve(2) included, and copies no page tables, as fork(2) would.
pid_t start(const std::string& path, const std::string& argument, int lines, int errors) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, lines, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, lines, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
  // Node ignores SIGPIPE.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::array<char*, 3> arguments{const_cast<char*>(path.c_str()), const_cast<char*>(argument.c_str()), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw SystemError("start " + path, error);
  return pid;
}

// So that nothing of it stays. On a thread of its own, which takes no signals: end() does not wait.
void reap_later(pid_t pid) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([pid] {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
    }).detach();
  } catch (const std::system_error&) {}
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

LineProgram::LineProgram(const std::string& path, const std::string& argument) {
  int sockets[2], pipe[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0) throw SystemError("start " + path, errno);
  lines_.reset(sockets[0]);
  const UniqueFd its_lines(sockets[1]);
  if (::pipe2(pipe, O_CLOEXEC) < 0) throw SystemError("start " + path, errno);
  errors_.reset(pipe[0]);
  const UniqueFd its_errors(pipe[1]);
  pid_ = start(path, argument, its_lines.get(), its_errors.get());
}

void LineProgram::end() {
  const std::lock_guard lock(mutex_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  if (!asking_) reap_later(std::exchange(pid_, -1));
}

LineProgram::Answer LineProgram::ask(std::chrono::milliseconds timeout) {
  {
    const std::lock_guard lock(mutex_);
    if (pid_ < 0) return {};
    asking_ = true;
  }
  const auto until = std::chrono::steady_clock::now() + timeout;
  bool ended = ::send(lines_.get(), "\n", 1, MSG_NOSIGNAL) < 0;
  auto line = ended ? std::nullopt : receive_line(until, ended);
  if (ended) return reap();
  const std::lock_guard lock(mutex_);
  asking_ = false;
  return {.line = std::move(line), .error_text = {}, .status = {}};
}

std::optional<std::string> LineProgram::receive_line(std::chrono::steady_clock::time_point until, bool& ended) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = received_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    searched = received_.size();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd readable{.fd = lines_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, static_cast<int>(left)) <= 0) continue;  // the time decides, or a signal
    received_.resize(searched + kChunk);
    const ssize_t count = ::recv(lines_.get(), received_.data() + searched, kChunk, MSG_DONTWAIT);
    received_.resize(searched + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) continue;
    ended = true;
    return std::nullopt;
  }
}

LineProgram::Answer LineProgram::reap() {
  Answer answer;
  answer.error_text.resize(kMaxErrorText);
  std::size_t size = 0;
  for (ssize_t count = 1; count > 0 && size < kMaxErrorText; size += count > 0 ? static_cast<std::size_t>(count) : 0)
    count = ::read(errors_.get(), answer.error_text.data() + size, kMaxErrorText - size);
  answer.error_text.resize(size);
  // Its number stays its own until then, also for end().
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR) {}
  const std::lock_guard lock(mutex_);
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) answer.status = status;
  pid_ = -1;
  return answer;
}

}  // namespace reuseport
