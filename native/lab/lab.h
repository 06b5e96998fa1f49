// One lab: its members, its workers and their processes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "commands.h"
#include "counters.h"
#include "protocol.h"
#include "sock_array.h"
#include "worker_process.h"

namespace reuseport::lab {

enum class MemberState : std::uint8_t { working, stalled, closed, failed };

struct Member {
  MemberFacts facts;
  std::size_t process;  // the one that opened it, or holds it first
  MemberState state = MemberState::working;
};

struct Worker {
  unsigned member;
  std::size_t process;
};

class Lab {
 public:
  // Starts everything. Throws LabError, after cleaning up.
  explicit Lab(const ListenPlan& plan);
  // Kills every process and waits for it, so that its sockets are closed.
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  // Appends a member. Throws LabError; the lab is then unchanged.
  void add(const AddRequest& request);
  // Throw LabError: ENOENT for a member or worker that does not exist, ESRCH for one that failed or is closed.
  void stall(const Subject& subject);
  void resume(const Subject& subject);
  void close(unsigned member);
  // From now on a program picks any other member, until this one is closed. Throws LabError: EOPNOTSUPP without a group
  // of several members.
  void spare(unsigned member);

  // Handles the exit of a child process. True if it was a worker process.
  bool process_ended(pid_t pid);

  const ListenPlan& plan() const { return plan_; }
  std::uint16_t port() const { return port_; }
  const std::vector<Member>& members() const { return members_; }
  const std::vector<Worker>& workers() const { return workers_; }
  std::uint64_t received(unsigned worker) const { return counts_[worker].received.load(std::memory_order_relaxed); }
  pid_t pid_of(std::size_t process) const { return pids_[process]; }
  std::vector<pid_t> live_pids() const;
  // Whether all members are closed or failed, or will be once `closing` is closed.
  bool no_members_left(std::optional<unsigned> closing = {}) const;

 private:
  void start();
  void start_reuseport();
  void start_shared();
  void start_dispatcher();
  std::size_t start_process(const WorkerProcessPlan& what);
  WorkerProcessPlan process_plan() {
    return {.plan = plan_,
            .credentials = plan_.credentials,
            .counts = counts_,
            .sock_array = sock_array_.map.get(),
            .sock_array_program = sock_array_.program.get()};
  }
  void open_member(unsigned index, std::size_t process, MemberSharing sharing);
  std::size_t process_for(const AddRequest& request);
  void command(const Subject& subject, Command::Kind kind, MemberState state);
  void require_working(const Member& member) const;
  void remove_from_group(unsigned member);
  void put_in_array(unsigned member, std::size_t process);
  void steer();
  void end();

  const ListenPlan plan_;
  SharedArray<WorkerCounts> counts_;
  std::uint16_t port_ = 0;
  std::vector<WorkerProcess> processes_;
  std::vector<pid_t> pids_;  // of all processes, including those that ended
  std::vector<Member> members_;
  std::vector<Worker> workers_;
  // Members in the order of the kernel's array, which a steering program indexes.
  std::vector<unsigned> group_;
  std::optional<unsigned> spared_;
  SockArray sock_array_;  // empty without Steering::sock_array
  // By key, the member in the array, which the kernel removes when it closes.
  std::vector<std::optional<unsigned>> keys_;
};

}  // namespace reuseport::lab
