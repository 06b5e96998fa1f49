// Writes one line of JSON.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace reuseport {

// Adds commas where needed. The caller is responsible for keys and nesting.
class Json {
 public:
  Json& open(char bracket) {
    separate();
    text_ += bracket;
    return *this;
  }
  Json& close(char bracket) {
    text_ += bracket;
    return *this;
  }
  Json& key(std::string_view name) {
    separate();
    quote(name);
    text_ += ':';
    return *this;
  }
  Json& null() { return raw("null"); }
  Json& value(bool flag) { return raw(flag ? "true" : "false"); }
  Json& value(std::string_view string) {
    separate();
    quote(string);
    return *this;
  }
  Json& value(const char* string) { return value(std::string_view(string)); }
  template <typename Number>
  requires(std::integral<Number> || std::floating_point<Number>) Json& value(Number number) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return raw({digits, static_cast<std::size_t>(end - digits)});
  }
  template <typename Value>
  Json& field(std::string_view name, const Value& what) {
    return key(name).value(what);
  }

  const std::string& text() const { return text_; }

 private:
  Json& raw(std::string_view literal) {
    separate();
    text_ += literal;
    return *this;
  }
  void separate() {
    if (!text_.empty() && std::string_view("{[:,").find(text_.back()) == std::string_view::npos) text_ += ',';
  }
  // Only text from requests can need an escape.
  void quote(std::string_view string) {
    static constexpr char kHex[] = "0123456789abcdef";
    text_ += '"';
    for (const char c : string) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') (text_ += '\\') += c;
      else if (byte < 0x20 || byte >= 0x7f) ((text_ += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
      else text_ += c;
    }
    text_ += '"';
  }

  std::string text_;
};

}  // namespace reuseport
