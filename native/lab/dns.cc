#include "dns.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace reuseport::lab::dns {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxLabel = 63;
constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kClassIn = 1;
constexpr std::uint16_t kResponse = 0x8000, kOpcode = 0x7800, kAuthoritative = 0x0400, kRecursionDesired = 0x0100;
constexpr std::uint16_t kRcode = 0x000f;
constexpr std::uint16_t kNameOfQuestion = 0xc000 | kHeader;  // a pointer (RFC 1035, 4.1.4)
constexpr std::uint32_t kFirstAddress = 0xc612'0000;         // 198.18.0.0
constexpr std::size_t kRecordA = 16;                         // with a pointer as its name

// Writes big-endian numbers. The caller ensures that they fit.
class Writer {
 public:
  explicit Writer(std::span<char> into) : into_(into) {}
  Writer& u8(std::uint32_t value) {
    into_[size_++] = static_cast<char>(value);
    return *this;
  }
  Writer& u16(std::uint32_t value) { return u8(value >> 8).u8(value & 0xff); }
  Writer& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xffff); }
  Writer& label(std::string_view text) {
    u8(static_cast<std::uint32_t>(text.size()));
    return bytes({text.data(), text.size()});
  }
  Writer& bytes(std::span<const char> more) {
    std::ranges::copy(more, into_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += more.size();
    return *this;
  }
  std::size_t size() const { return size_; }

 private:
  std::span<char> into_;
  std::size_t size_ = 0;
};

std::uint16_t u16_at(std::span<const char> message, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(message[at]) << 8 |
                                    static_cast<unsigned char>(message[at + 1]));
}
std::uint32_t u32_at(std::span<const char> message, std::size_t at) {
  return static_cast<std::uint32_t>(u16_at(message, at)) << 16 | u16_at(message, at + 2);
}

// The end of the question after the header; nothing if it is malformed or compressed.
std::optional<std::size_t> end_of_question(std::span<const char> message) {
  std::size_t at = kHeader;
  for (;;) {
    if (at >= message.size()) return {};
    const std::size_t length = static_cast<unsigned char>(message[at++]);
    if (length == 0) break;
    if (length > kMaxLabel) return {};
    at += length;
    if (at - kHeader >= kMaxName) return {};
  }
  at += 4;  // type and class
  if (at > message.size()) return {};
  return at;
}

}  // namespace

std::size_t write_query(std::uint16_t id, std::uint32_t number, std::span<char> into) {
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return Writer(into)
      .u16(id)
      .u16(kRecursionDesired)
      .u16(1)  // questions
      .u16(0)
      .u16(0)
      .u16(0)
      .label({digits, static_cast<std::size_t>(end - digits)})
      .label("lab")
      .label("invalid")
      .u8(0)
      .u16(kTypeA)
      .u16(kClassIn)
      .size();
}

std::optional<std::size_t> write_answer(std::span<const char> query, std::uint32_t worker, std::span<char> into) {
  if (query.size() < kHeader) return {};
  const std::uint16_t flags = u16_at(query, 2);
  if ((flags & (kResponse | kOpcode)) != 0 || u16_at(query, 4) != 1) return {};
  const auto question = end_of_question(query);
  if (!question || *question + kRecordA > into.size()) return {};
  const bool address = u16_at(query, *question - 4) == kTypeA && u16_at(query, *question - 2) == kClassIn;

  Writer answer(into);
  answer.bytes(query.first(2))
      .u16(static_cast<std::uint32_t>(kResponse | kAuthoritative | (flags & kRecursionDesired)))
      .u16(1)
      .u16(address ? 1 : 0)
      .u16(0)
      .u16(0)
      .bytes(query.subspan(kHeader, *question - kHeader));
  if (address) answer.u16(kNameOfQuestion).u16(kTypeA).u16(kClassIn).u32(0).u16(4).u32(kFirstAddress + worker);
  return answer.size();
}

std::optional<Answered> read_answer(std::span<const char> message) {
  if (message.size() < kHeader) return {};
  const std::uint16_t flags = u16_at(message, 2);
  if ((flags & kResponse) == 0 || (flags & kRcode) != 0) return {};
  if (u16_at(message, 4) != 1 || u16_at(message, 6) != 1) return {};  // one question, one answer
  const auto record = end_of_question(message);
  if (!record || message.size() != *record + kRecordA) return {};
  if (u16_at(message, *record) != kNameOfQuestion || u16_at(message, *record + 2) != kTypeA) return {};
  const std::uint32_t address = u32_at(message, *record + 12);
  if (address < kFirstAddress) return {};
  return Answered{.id = u16_at(message, 0), .worker = address - kFirstAddress};
}

}  // namespace reuseport::lab::dns
