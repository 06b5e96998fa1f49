// The status of a lab as JSON, with the names of electron/contract/lab.ts.
#pragma once

#include <chrono>
#include <string>

#include "common/json.h"
#include "lab.h"
#include "traffic.h"

namespace reuseport::lab {

struct LabInfo {
  const std::string& id;
  std::uint32_t netns;
  std::chrono::system_clock::time_point started_at, ends_at;
};

void write_status(Json& json, const LabInfo& info, const Lab& lab, const Traffic* traffic);
void write_member(Json& json, const Lab& lab, unsigned index);
void write_worker(Json& json, const Lab& lab, unsigned index);
void write_traffic(Json& json, const Traffic& traffic);

}  // namespace reuseport::lab
