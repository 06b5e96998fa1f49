// The fixed-size rows that cross from C++ to JavaScript, in frames of plain memory: declared from rows.def.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

namespace reuseport {

using Address = std::array<std::uint8_t, 16>;  // network byte order; IPv4 uses the first four bytes
using Command = std::array<char, 16>;

// clang-format off
#define ENUM(type, underlying) enum class type : underlying {
#define NAME(name, number) name = number,
#define END_ENUM(name) };
#define NUMBER(type, name, value) inline constexpr type name = value;
#define ROW(type) struct type {
#define FIELD(type, name, unread) type name = unread;
#define END_ROW(type, name)                                                           \
  bool operator==(const type&) const = default;                                       \
  };                                                                                  \
  static_assert(std::is_standard_layout_v<type> && std::is_trivially_copyable_v<type>, \
                "JavaScript reads these rows by offset");
#include "rows.def"
// clang-format on

constexpr std::uint64_t inode_key(std::uint32_t inode) { return std::uint64_t{1} << kInodeKeyBit | inode; }
constexpr bool is_inode_key(std::uint64_t cookie) { return cookie >> kInodeKeyBit == 1; }

}  // namespace reuseport
