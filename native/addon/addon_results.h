// The N-API edge: makes JavaScript values of results, as native/index.ts types them.
#pragma once

#include <napi.h>

#include "common/held_namespaces.h"
#include "common/kernel_lookup.h"
#include "common/port_dump.h"
#include "holder_scan.h"
#include "interfaces.h"
#include "pollers.h"
#include "reader.h"

namespace reuseport {

// NetworkInterface[]
Napi::Value to_value(Napi::Env env, const Interfaces& interfaces);
// { found, remaining }
Napi::Value to_value(Napi::Env env, const HeldNamespaceSearch& search);
// `Refresh` with the given frame.
Napi::Value to_value(Napi::Env env, const RefreshResult& result, const Napi::Object& frame, double duration_ms);
Napi::Value to_value(Napi::Env env, const HolderScan& scan, double duration_ms);
// { read, refused, givenUp, durationMs }
Napi::Value to_value(Napi::Env env, const OptionReadResult& result, double duration_ms);
// { inodes, pids, refused }
Napi::Value to_value(Napi::Env env, const PollerScan& scan);
Napi::Value to_value(Napi::Env env, const ProbeAnswers& answers, double duration_ms);
Napi::Value to_value(Napi::Env env, const PortDump& dump, double duration_ms);

}  // namespace reuseport
