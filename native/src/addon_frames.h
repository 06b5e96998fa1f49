// The edge to JavaScript: the two frames that take turns, one to be read while the other is written.
#pragma once

#include <napi.h>

#include <array>
#include <cstdint>

#include "picture.h"
#include "reader.h"

namespace reuseport {

// All methods belong to the JavaScript thread. The memory is JavaScript's own (Electron forbids external buffers), so
// only this thread makes it; a worker fills what next() or grow() gave, before publish().
class Frames {
 public:
  // Memory for the next frame: that of the frame before the last. Empty where JavaScript gave it away (transferred it).
  FrameMemory next();
  // New memory in the place of what is too small for `size`, with room to spare.
  FrameMemory grow(Napi::Env env, const Picture::Size& size);
  // The frame as native/index.ts types it. `memory` was filled by Reader::write().
  Napi::Object publish(Napi::Env env, const FrameMemory& memory, const RefreshResult& result);

  static bool fits(const FrameMemory& memory, const Picture::Size& size);

 private:
  struct Buffers {
    Napi::Reference<Napi::ArrayBuffer> sockets, groups, holders;
    std::uint32_t refresh = 0;
  };
  FrameMemory memory_of(Buffers& buffers);

  std::array<Buffers, 2> buffers_;
  std::size_t next_ = 0;
};

}  // namespace reuseport
