// The part of DNS (RFC 1035) that a lab needs: one question, and its answer. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace reuseport::lab::dns {

inline constexpr std::size_t kMaxSize = 512;  // of a message over UDP without EDNS

// Writes a query for the addresses (A, IN) of `NUMBER.lab.invalid`, with `id`. Returns its size.
std::size_t write_query(std::uint16_t id, std::uint32_t number, std::span<char> into);

// Writes the answer to `query`: for the A record of any name 198.18.0.0 plus `worker` (RFC 2544: addresses for
// benchmarks, which are not routed); for other types no record. Returns its size; nothing if the message is not a query
// with one question (it then gets no answer), or does not fit `into`.
std::optional<std::size_t> write_answer(std::span<const char> query, std::uint32_t worker, std::span<char> into);

struct Answered {
  std::uint16_t id;
  std::uint32_t worker;
};
// Parses an answer from write_answer(). Nothing for anything else.
std::optional<Answered> read_answer(std::span<const char> message);

}  // namespace reuseport::lab::dns
