// The N-API edge: the class `LineProgram` in native/index.ts.
#pragma once

#include <napi.h>

namespace reuseport {

Napi::Function define_line_program(Napi::Env env);

}  // namespace reuseport
