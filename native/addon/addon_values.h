// The N-API edge: makes JavaScript values of C++ ones.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace reuseport {

// A number, a boolean, a string, or what is a JavaScript value already.
template <typename T>
Napi::Value to_value(Napi::Env env, const T& value) {
  return Napi::Value::From(env, value);
}
// Copies numbers into a typed array that JavaScript owns.
template <typename T>
Napi::Value to_value(Napi::Env env, const std::vector<T>& numbers) {
  using Element = std::conditional_t<std::is_same_v<T, std::byte>, std::uint8_t, T>;
  auto array = Napi::TypedArrayOf<Element>::New(env, numbers.size());
  if (!numbers.empty()) std::memcpy(array.Data(), numbers.data(), numbers.size() * sizeof(T));
  return array;
}

// A field of make_object(). Refers to the value.
template <typename T>
struct Field {
  const char* name;
  const T& value;
};
template <typename T>
Field(const char*, const T&) -> Field<T>;

// An object with these fields, in this order.
template <typename... T>
Napi::Object make_object(Napi::Env env, const Field<T>&... fields) {
  Napi::Object object = Napi::Object::New(env);
  (object.Set(fields.name, to_value(env, fields.value)), ...);
  return object;
}

// An array of what `convert` makes of each of these.
template <typename T, typename Convert>
Napi::Array make_array(Napi::Env env, const std::vector<T>& values, Convert convert) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (std::uint32_t i = 0; i < values.size(); i++) array[i] = convert(values[i]);
  return array;
}

}  // namespace reuseport
