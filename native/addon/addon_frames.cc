#include "addon_frames.h"

#include <span>

#include "addon_results.h"

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
  Napi::Object frame = Napi::Object::New(env);
  frame["refresh"] = result.refresh;
  frame["sockets"] = buffers.sockets.Value();
  frame["socketCount"] = static_cast<double>(result.size.sockets);
  frame["groups"] = buffers.groups.Value();
  frame["groupCount"] = static_cast<double>(result.size.groups);
  frame["holders"] = buffers.holders.Value();
  frame["holderCount"] = static_cast<double>(result.size.holders);
  frame["unheldCount"] = static_cast<double>(result.size.unheld);
  frame["removedGroups"] = copy_to<Napi::BigUint64Array>(env, result.removed.groups);
  frame["removedSockets"] = copy_to<Napi::BigUint64Array>(env, result.removed.sockets);
  frame["removedSocketGroups"] = copy_to<Napi::BigUint64Array>(env, result.removed.socket_groups);
  return frame;
}

}  // namespace reuseport
