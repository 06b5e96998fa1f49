// Handles the requests for one lab and its traffic.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lab.h"
#include "protocol.h"
#include "traffic.h"

namespace reuseport::lab {

class Supervisor {
 public:
  explicit Supervisor(std::string id) : id_(std::move(id)) {}

  // The reply to one request line, as in protocol.h, without a newline.
  std::string reply_to(std::string_view line);
  // Reaps children that have ended.
  void reap_children();
  // Kills traffic that could reach a foreign socket.
  void guard_traffic();
  // Whether the lab has ended: stopped, past its deadline, or without processes.
  bool finished() const;
  // Why it ended without a request; else empty.
  const std::string& reason() const { return reason_; }
  // Milliseconds until the deadline or the next check of the traffic; -1 without a lab.
  int milliseconds_left() const;
  // Kills every process and waits for it.
  void end();

 private:
  std::string handle(const ListenPlan& plan);
  std::string handle(const StatusRequest&) const;
  std::string handle(const AddRequest& request);
  std::string handle(const StallRequest& request);
  std::string handle(const ResumeRequest& request);
  std::string handle(const SpareRequest& request);
  std::string handle(const CloseRequest& request);
  std::string handle(const TrafficPlan& plan);
  std::string handle(const TrafficStopRequest&);
  std::string handle(const LatenciesRequest& request) const;
  std::string handle(const StopRequest&);

  Lab& lab(const char* verb) const;
  std::string describe(const Subject& subject) const;
  std::string traffic_json() const;

  const std::string id_;
  std::uint32_t netns_ = 0;
  bool own_namespace_ = false;
  std::unique_ptr<Lab> lab_;
  std::unique_ptr<Traffic> traffic_;
  std::chrono::system_clock::time_point started_at_{};
  std::chrono::steady_clock::time_point deadline_{};
  bool stopped_ = false;
  std::string reason_;
};

}  // namespace reuseport::lab
