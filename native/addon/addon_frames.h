// The N-API edge: two alternating frame buffers, one to read while the other is written.
#pragma once

#include <napi.h>

#include <array>
#include <cstdint>

#include "frame.h"
#include "reader.h"

namespace reuseport {

// All methods are for the JavaScript thread. The memory is allocated by JavaScript (Electron forbids external buffers),
// so only this thread allocates it; a worker fills the memory from next() or grow() before publish().
class FrameBuffers {
 public:
  // Memory for the next frame: that of the frame before the last. Empty if JavaScript transferred it.
  FrameMemory next();
  // Replaces memory that is too small for `size`, with some spare room.
  FrameMemory grow(Napi::Env env, const Frame::Size& size);
  // The frame as native/index.ts types it. `memory` was filled by Reader::write().
  Napi::Object publish(Napi::Env env, const FrameMemory& memory, const RefreshResult& result);

  static bool fits(const FrameMemory& memory, const Frame::Size& size);

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
