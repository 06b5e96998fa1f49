// The N-API edge: the offset of each field in the rows of records.h.
#pragma once

#include <napi.h>

namespace reuseport {

// `layout` as native/index.ts types it.
Napi::Object make_layout(Napi::Env env);

}  // namespace reuseport
