#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>

#include "lab/dns.h"

using namespace reuseport::lab;

namespace {

using Message = std::array<char, dns::kMaxSize>;

std::span<const char> of(const Message& message, std::size_t size) { return std::span(message).first(size); }

// `dig example.com TXT +noedns` with id 0x1234, as it goes over the wire.
const std::string kTxtQuery(
    "\x12\x34\x01\x20\x00\x01\x00\x00\x00\x00\x00\x00"
    "\x07"
    "example"
    "\x03"
    "com\x00"
    "\x00\x10\x00\x01",
    29);

}  // namespace

TEST_CASE("a query gets an answer that names the worker") {
  Message query{};
  Message answer{};
  const std::size_t size = dns::write_query(0xbeef, 4711, query);
  const auto answered = dns::write_answer(of(query, size), 70'000, answer);
  REQUIRE(answered.has_value());
  const auto read = dns::read_answer(of(answer, *answered));
  REQUIRE(read.has_value());
  CHECK(read->id == 0xbeef);
  CHECK(read->worker == 70'000);
  // The answer contains the question, byte for byte.
  CHECK(std::string(answer.data() + 12, size - 12) == std::string(query.data() + 12, size - 12));
  // A query is not an answer, and vice versa.
  CHECK(!dns::read_answer(of(query, size)).has_value());
  CHECK(!dns::write_answer(of(answer, *answered), 0, query).has_value());
}

TEST_CASE("another type is answered without a record") {
  Message answer{};
  const auto size = dns::write_answer(kTxtQuery, 3, answer);
  REQUIRE(size == kTxtQuery.size());
  CHECK(static_cast<unsigned char>(answer[2]) == 0x85);  // a response, authoritative, recursion was desired
  CHECK(answer[7] == 0);                                 // no answers
  CHECK(!dns::read_answer(of(answer, *size)).has_value());
}

TEST_CASE("truncated or compressed messages and other messages get no answer") {
  Message answer{};
  for (std::size_t size = 0; size < kTxtQuery.size(); size++)
    CHECK(!dns::write_answer(std::string_view(kTxtQuery).substr(0, size), 0, answer).has_value());
  std::string compressed = kTxtQuery;
  compressed[12] = '\xc0';
  CHECK(!dns::write_answer(compressed, 0, answer).has_value());
  std::string two = kTxtQuery;
  two[5] = 2;
  CHECK(!dns::write_answer(two, 0, answer).has_value());
  std::string update = kTxtQuery;
  update[2] = 0x28;
  CHECK(!dns::write_answer(update, 0, answer).has_value());
  std::string long_name = kTxtQuery.substr(0, 12);
  for (int i = 0; i < 5; i++) long_name += std::string(1, 63) + std::string(63, 'a');
  long_name += std::string("\x00\x00\x01\x00\x01", 5);
  CHECK(!dns::write_answer(long_name, 0, answer).has_value());
}

TEST_CASE("any input is read within its bounds") {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; round++) {
    // A separate allocation, so that the sanitizer detects reads past its end.
    std::string bytes(random() % 80, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 4);
    Message answer{};
    dns::write_answer(bytes, 1, answer);
    dns::read_answer(bytes);
    std::array<char, 40> little{};
    dns::write_answer(bytes, 1, little);
  }
}
