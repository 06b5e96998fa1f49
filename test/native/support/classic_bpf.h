// A classic BPF interpreter for the instructions that the lab's steering uses, with the kernel's meaning of negative
// offsets (net/core/filter.c).
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace reuseport::test {

struct BpfWorld {
  std::vector<std::uint8_t> network;  // the packet, starting with its network header
  std::uint32_t cpu = 0;
  std::uint32_t random = 0;
};

// The program's result; nothing for an unknown instruction, or if it never returns.
inline std::optional<std::uint32_t> run_bpf(std::span<const sock_filter> program, const BpfWorld& world) {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  const auto load = [&](std::uint32_t offset, std::size_t size) -> std::optional<std::uint32_t> {
    if (offset == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_CPU)) return world.cpu;
    if (offset == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM)) return world.random;
    const std::uint32_t at = offset - static_cast<std::uint32_t>(SKF_NET_OFF);
    if (at + size > world.network.size()) return {};
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; i++) value = value << 8 | world.network[at + i];
    return value;
  };
  for (std::size_t at = 0; at < program.size(); at++) {
    const auto [code, jt, jf, k] = program[at];
    std::optional<std::uint32_t> loaded = 0;
    switch (code) {
      case BPF_LD | BPF_W | BPF_ABS:
        loaded = load(k, 4);
        a = loaded.value_or(0);
        break;
      case BPF_LD | BPF_H | BPF_ABS:
        loaded = load(k, 2);
        a = loaded.value_or(0);
        break;
      case BPF_LD | BPF_B | BPF_ABS:
        loaded = load(k, 1);
        a = loaded.value_or(0);
        break;
      case BPF_LD | BPF_H | BPF_IND:
        loaded = load(k + x, 2);
        a = loaded.value_or(0);
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        a >>= k;
        break;
      case BPF_ALU | BPF_LSH | BPF_K:
        a <<= k;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= k;
        break;
      case BPF_ALU | BPF_MOD | BPF_K:
        a %= k;
        break;
      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_JMP | BPF_JA:
        at += k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += a == k ? jt : jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += a >= k ? jt : jf;
        break;
      case BPF_ALU | BPF_ADD | BPF_K:
        a += k;
        break;
      case BPF_RET | BPF_K:
        return k;
      case BPF_RET | BPF_A:
        return a;
      default:
        return {};
    }
    if (!loaded) return {};
  }
  return {};
}

}  // namespace reuseport::test
