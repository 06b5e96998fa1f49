#include "addon_frames.h"

#include <span>

#include "addon_values.h"

namespace reuseport {
namespace {

template <typename Row>
std::span<Row> rows_of(const Napi::ArrayBuffer& buffer) {
  Napi::ArrayBuffer memory = buffer;
  return {static_cast<Row*>(memory.Data()), memory.ByteLength() / sizeof(Row)};
}

template <typename Row>
Napi::Reference<Napi::ArrayBuffer> make_buffer(Napi::Env env, std::size_t rows) {
  const std::size_t roomy = rows + rows / 16 + 64;
  return Napi::Persistent(Napi::ArrayBuffer::New(env, roomy * sizeof(Row)));
}

}  // namespace

bool FrameBuffers::fits(const FrameMemory& memory, const Frame::Size& size) {
  return memory.sockets.size() >= size.sockets && memory.groups.size() >= size.groups &&
         memory.holders.size() >= size.holders && !memory.sockets.empty();
}

FrameMemory FrameBuffers::memory_of(Buffers& buffers) {
  if (buffers.sockets.IsEmpty()) return {};
  const auto sockets = buffers.sockets.Value(), groups = buffers.groups.Value(), holders = buffers.holders.Value();
  if (sockets.IsDetached() || groups.IsDetached() || holders.IsDetached()) return {};
  return {rows_of<SocketRow>(sockets), rows_of<GroupRow>(groups), rows_of<HolderRow>(holders), buffers.refresh};
}

FrameMemory FrameBuffers::next() { return memory_of(buffers_[next_]); }

FrameMemory FrameBuffers::grow(Napi::Env env, const Frame::Size& size) {
  Buffers& buffers = buffers_[next_];
  const FrameMemory now = memory_of(buffers);  // all empty if one of them was transferred
  const bool all = now.sockets.empty();
  if (all || now.sockets.size() < size.sockets) buffers.sockets = make_buffer<SocketRow>(env, size.sockets);
  if (all || now.groups.size() < size.groups) buffers.groups = make_buffer<GroupRow>(env, size.groups);
  if (all || now.holders.size() < size.holders) buffers.holders = make_buffer<HolderRow>(env, size.holders);
  buffers.refresh = 0;
  return memory_of(buffers);
}

Napi::Object FrameBuffers::publish(Napi::Env env, const FrameMemory& memory, const RefreshResult& result) {
  Buffers& buffers = buffers_[next_];
  next_ = 1 - next_;
  buffers.refresh = memory.refresh;
  return make_object(env, Field{"refresh", result.refresh}, Field{"sockets", buffers.sockets.Value()},
                     Field{"socketCount", result.size.sockets}, Field{"groups", buffers.groups.Value()},
                     Field{"groupCount", result.size.groups}, Field{"holders", buffers.holders.Value()},
                     Field{"holderCount", result.size.holders}, Field{"unheldCount", result.size.unheld},
                     Field{"removedGroups", result.removed.groups}, Field{"removedSockets", result.removed.sockets},
                     Field{"removedSocketGroups", result.removed.socket_groups});
}

}  // namespace reuseport
