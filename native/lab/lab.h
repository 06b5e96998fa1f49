// One lab: its members and workers, and the processes that hold them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "counters.h"
#include "orders.h"
#include "protocol.h"
#include "worker_process.h"

namespace reuseport::lab {

enum class MemberState : std::uint8_t { working, stalled, closed, failed };

struct Member {
  MemberFacts facts;
  std::size_t process;  // that opened it, or holds it first
  MemberState state = MemberState::working;
};

struct Worker {
  unsigned member;
  std::size_t process;
};

class Lab {
 public:
  // Starts all of it. Throws LabError, after which nothing of it is left.
  explicit Lab(const ListenPlan& plan);
  // Ends every process and waits until it is gone, and its sockets with it.
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  // One more member, as a new last one. Throws LabError; the lab is then as before.
  void add(const AddRequest& request);
  // Throw LabError: ENOENT for a member or worker that there is none of, ESRCH for one that failed or is closed.
  void stall(const Subject& subject);
  void resume(const Subject& subject);
  void close(unsigned member);

  // A process of the lab, or another, has ended. True where it was a worker process that should have lived.
  bool process_ended(pid_t pid);

  const ListenPlan& plan() const { return plan_; }
  std::uint16_t port() const { return port_; }
  const std::vector<Member>& members() const { return members_; }
  const std::vector<Worker>& workers() const { return workers_; }
  std::uint64_t received(unsigned worker) const {
    return counts_[worker].received.load(std::memory_order_relaxed);
  }
  pid_t pid_of(std::size_t process) const { return pids_[process]; }
  std::vector<pid_t> living() const;
  // Whether no member takes anything any more, or would once this one is closed.
  bool without_members(std::optional<unsigned> closing = {}) const;

 private:
  void start();
  void start_reuseport();
  void start_shared();
  void start_dispatcher();
  std::size_t start_process(const WorkerProcessPlan& what);
  WorkerProcessPlan process_plan() { return {.plan = plan_, .credentials = plan_.credentials, .counts = counts_}; }
  void open_member(unsigned index, std::size_t process, MemberSharing sharing);
  std::size_t process_for(const AddRequest& request);
  void order(const Subject& subject, Order::Kind kind, MemberState state);
  void require_working(const Member& member) const;
  void leave_group(unsigned member);
  void steer();
  void end();

  const ListenPlan plan_;
  SharedArray<WorkerCounts> counts_;
  std::uint16_t port_ = 0;
  std::vector<WorkerProcess> processes_;
  std::vector<pid_t> pids_;  // of the processes, also of those that ended
  std::vector<Member> members_;
  std::vector<Worker> workers_;
  // Members in the order of the kernel's array, by which a program picks.
  std::vector<unsigned> group_;
};

}  // namespace reuseport::lab
