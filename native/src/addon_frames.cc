#include "addon_frames.h"

#include <algorithm>
#include <cstring>

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

Napi::BigUint64Array copy(Napi::Env env, const std::vector<std::uint64_t>& values) {
  Napi::BigUint64Array array = Napi::BigUint64Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(std::uint64_t));
  return array;
}

}  // namespace

bool Frames::fits(const FrameMemory& memory, const Picture::Size& size) {
  return memory.sockets.size() >= size.sockets && memory.groups.size() >= size.groups &&
         memory.holders.size() >= size.holders && !memory.sockets.empty();
}

FrameMemory Frames::memory_of(Buffers& buffers) {
  if (buffers.sockets.IsEmpty()) return {};
  const auto sockets = buffers.sockets.Value(), groups = buffers.groups.Value(), holders = buffers.holders.Value();
  if (sockets.IsDetached() || groups.IsDetached() || holders.IsDetached()) return {};
  return {rows_of<SocketRow>(sockets), rows_of<GroupRow>(groups), rows_of<HolderRow>(holders), buffers.refresh};
}

FrameMemory Frames::next() { return memory_of(buffers_[next_]); }

FrameMemory Frames::grow(Napi::Env env, const Picture::Size& size) {
  Buffers& buffers = buffers_[next_];
  const FrameMemory now = memory_of(buffers);  // all empty when one of them was given away
  const bool all = now.sockets.empty();
  if (all || now.sockets.size() < size.sockets) buffers.sockets = make_buffer<SocketRow>(env, size.sockets);
  if (all || now.groups.size() < size.groups) buffers.groups = make_buffer<GroupRow>(env, size.groups);
  if (all || now.holders.size() < size.holders) buffers.holders = make_buffer<HolderRow>(env, size.holders);
  buffers.refresh = 0;
  return memory_of(buffers);
}

Napi::Object Frames::publish(Napi::Env env, const FrameMemory& memory, const RefreshResult& result) {
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
  frame["goneGroups"] = copy(env, result.gone.groups);
  frame["goneSockets"] = copy(env, result.gone.sockets);
  frame["goneSocketGroups"] = copy(env, result.gone.socket_groups);
  return frame;
}

}  // namespace reuseport
