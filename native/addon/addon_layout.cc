#include "addon_layout.h"

#include <cstddef>
#include <type_traits>

#include "common/records.h"

namespace reuseport {
namespace {

template <typename T>
constexpr const char* type_name() {
  if constexpr (sizeof(T) == 1) return "u8";
  else if constexpr (sizeof(T) == 2) return "u16";
  else if constexpr (sizeof(T) == 4) return "u32";
  else if constexpr (std::is_same_v<T, std::uint64_t>) return "u64";
  else return "bytes";
}

template <typename T>
void add_field(Napi::Object& fields, const char* name, std::size_t offset) {
  Napi::Object field = Napi::Object::New(fields.Env());
  field["offset"] = static_cast<double>(offset);
  field["type"] = type_name<T>();
  field["length"] = static_cast<double>(sizeof(T));
  fields[name] = field;
}

template <typename Row>
Napi::Object row_layout(Napi::Object fields) {
  Napi::Object layout = Napi::Object::New(fields.Env());
  layout["stride"] = static_cast<double>(sizeof(Row));
  layout["fields"] = fields;
  return layout;
}

// clang-format off
#define SOCKET_FIELDS(X)                                                                                              \
  X(cookie) X(inode) X(uid) X(netns) X(interface) X(group) X(queue_length) X(queue_limit) X(drops) X(drops_delta)     \
  X(first_holder) X(holders) X(since) X(changed) X(port) X(remote_port) X(family) X(protocol) X(state) X(v6only)      \
  X(options) X(change) X(incoming_cpu) X(address) X(remote_address)
#define GROUP_FIELDS(X)                                                                                               \
  X(id) X(queue_length) X(queue_limit) X(drops) X(drops_delta) X(first) X(sockets) X(receiving) X(drops_known)        \
  X(fullest) X(uid) X(netns) X(interface) X(since) X(changed) X(members_changed) X(port) X(family) X(protocol)        \
  X(v6only) X(sharing) X(evidence) X(change) X(pending) X(address)
#define HOLDER_FIELDS(X) X(inode) X(pid) X(fd) X(process)
#define PROCESS_FIELDS(X) X(start_time) X(pid) X(parent) X(uid) X(netns) X(sockets) X(epolls) X(command)
// clang-format on

#define ADD_FIELD(name) add_field<decltype(Row::name)>(fields, #name, offsetof(Row, name));

Napi::Object socket_layout(Napi::Env env) {
  using Row = SocketRow;
  Napi::Object fields = Napi::Object::New(env);
  SOCKET_FIELDS(ADD_FIELD)
  return row_layout<Row>(fields);
}

Napi::Object group_layout(Napi::Env env) {
  using Row = GroupRow;
  Napi::Object fields = Napi::Object::New(env);
  GROUP_FIELDS(ADD_FIELD)
  return row_layout<Row>(fields);
}

Napi::Object holder_layout(Napi::Env env) {
  using Row = HolderRow;
  Napi::Object fields = Napi::Object::New(env);
  HOLDER_FIELDS(ADD_FIELD)
  return row_layout<Row>(fields);
}

Napi::Object process_layout(Napi::Env env) {
  using Row = ProcessRow;
  Napi::Object fields = Napi::Object::New(env);
  PROCESS_FIELDS(ADD_FIELD)
  return row_layout<Row>(fields);
}

}  // namespace

Napi::Object make_layout(Napi::Env env) {
  Napi::Object layout = Napi::Object::New(env);
  layout["socket"] = socket_layout(env);
  layout["group"] = group_layout(env);
  layout["holder"] = holder_layout(env);
  layout["process"] = process_layout(env);
  return layout;
}

}  // namespace reuseport
