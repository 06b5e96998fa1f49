// The N-API edge: the class Reader, as native/index.ts types it.
#pragma once

#include <napi.h>

namespace reuseport {

Napi::Function define_reader(Napi::Env env);

}  // namespace reuseport
