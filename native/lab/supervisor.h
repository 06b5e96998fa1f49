// Answers requests with one lab and its traffic.
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

  // The answer to one request line, as protocol.h says, without a newline.
  std::string answer(std::string_view line);
  // Collects the children that have ended.
  void children_ended();
  // Ends traffic that could reach a socket which is not the lab's.
  void guard_traffic();
  // Whether the lab is at its end: asked to stop, past its time, or without any process left.
  bool over() const;
  // Why, where nobody asked for it; else empty.
  const std::string& reason() const { return reason_; }
  // Milliseconds until its time is past, or its traffic is to be looked at; -1 while there is no lab.
  int milliseconds_left() const;
  // Ends every process and waits for that.
  void end();

 private:
  std::string obey(const ListenPlan& plan);
  std::string obey(const StatusRequest&) const;
  std::string obey(const AddRequest& request);
  std::string obey(const StallRequest& request);
  std::string obey(const ResumeRequest& request);
  std::string obey(const CloseRequest& request);
  std::string obey(const TrafficPlan& plan);
  std::string obey(const TrafficStopRequest&);
  std::string obey(const LatenciesRequest& request) const;
  std::string obey(const StopRequest&);

  Lab& lab(const char* verb) const;
  std::string tell(const Subject& subject) const;
  std::string tell_traffic() const;

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
