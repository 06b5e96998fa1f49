// The datagram of UDP traffic other than DNS: it says whether it wants an answer, and the answer names the worker. Any
// other datagram is echoed unchanged.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace reuseport::lab {

struct Probe {
  enum class Kind : std::uint32_t { wants_answer = 0x4c414251, wants_none = 0x4c41424e, answer = 0x4c414241 };
  Kind kind;
  std::uint32_t sequence;
  std::uint32_t worker;  // the one that answered
};

// Host order: it never leaves the machine. Nothing for a datagram that is not a probe.
inline std::optional<Probe> read_probe(std::span<const char> datagram) {
  Probe probe;
  if (datagram.size() != sizeof probe) return {};
  std::memcpy(&probe, datagram.data(), sizeof probe);
  switch (probe.kind) {
    case Probe::Kind::wants_answer:
    case Probe::Kind::wants_none:
    case Probe::Kind::answer:
      return probe;
  }
  return {};
}

}  // namespace reuseport::lab
