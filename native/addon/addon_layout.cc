#include "addon_layout.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "addon_values.h"
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
Napi::Object make_field(Napi::Env env, std::size_t offset) {
  return make_object(env, Field{"offset", offset}, Field{"type", type_name<T>()}, Field{"length", sizeof(T)});
}

template <typename T>
Napi::Value make_number(Napi::Env env, T value) {
  if constexpr (sizeof(T) == 8) return Napi::BigInt::New(env, value);
  else return Napi::Number::New(env, value);
}

// "co-listening" for co_listening.
std::string hyphenated(std::string name) {
  std::ranges::replace(name, '_', '-');
  return name;
}

}  // namespace

Napi::Object make_layout(Napi::Env env) {
  Napi::Object layout = Napi::Object::New(env);
  Napi::Object rows = Napi::Object::New(env);
  Napi::Object enums = Napi::Object::New(env);
  Napi::Object numbers = Napi::Object::New(env);
  layout["rows"] = rows;
  layout["enums"] = enums;
  layout["numbers"] = numbers;
  // clang-format off
#define ENUM(type, underlying) { Napi::Object values = Napi::Object::New(env);
#define NAME(name, number) values[hyphenated(#name)] = static_cast<double>(number);
#define END_ENUM(name) enums[#name] = values; }
#define NUMBER(type, name, value) numbers[#name] = make_number(env, name);
#define ROW(type) { using Row = type; Napi::Object fields = Napi::Object::New(env);
#define FIELD(type, name, unread) fields[#name] = make_field<type>(env, offsetof(Row, name));
#define END_ROW(type, name)                                \
    Napi::Object row = Napi::Object::New(env);             \
    row["stride"] = static_cast<double>(sizeof(type));     \
    row["fields"] = fields;                                \
    rows[#name] = row; }
#include "common/rows.def"
  // clang-format on
  return layout;
}

}  // namespace reuseport
