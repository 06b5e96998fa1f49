#include "sock_array.h"

#include <linux/bpf.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "protocol.h"

namespace reuseport::lab {
namespace {

long bpf(bpf_cmd command, bpf_attr& attributes) { return ::syscall(SYS_bpf, command, &attributes, sizeof attributes); }

template <typename Pointer>
std::uint64_t address_of(const Pointer* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

bpf_insn instruction(unsigned code, unsigned to, unsigned from, std::int16_t offset, std::int32_t immediate) {
  bpf_insn made{};
  made.code = static_cast<std::uint8_t>(code);
  made.dst_reg = static_cast<std::uint8_t>(to & 0x0f);
  made.src_reg = static_cast<std::uint8_t>(from & 0x0f);
  made.off = offset;
  made.imm = immediate;
  return made;
}

UniqueFd create_map(unsigned keys) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY;
  attributes.key_size = sizeof(std::uint32_t);
  // With 8 bytes, user space reads cookies from it; with 4 it reads nothing.
  attributes.value_size = sizeof(std::uint64_t);
  attributes.max_entries = keys;
  std::strcpy(attributes.map_name, "lab_sockets");
  UniqueFd map(static_cast<int>(bpf(BPF_MAP_CREATE, attributes)));
  if (!map) throw LabError("bpf BPF_MAP_CREATE", errno);
  return map;
}

UniqueFd load_program(int map, unsigned keys) {
  constexpr std::int16_t kKey = -static_cast<std::int16_t>(sizeof(std::uint32_t));  // on the stack
  constexpr auto kHash = static_cast<std::int16_t>(offsetof(sk_reuseport_md, hash));
  const bpf_insn instructions[] = {
      // key = context->hash % keys
      instruction(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, kHash, 0),
      instruction(BPF_ALU | BPF_MOD | BPF_K, BPF_REG_2, 0, 0, static_cast<std::int32_t>(keys)),
      instruction(BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_2, kKey, 0),
      // bpf_sk_select_reuseport(context, map, &key, 0)
      instruction(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, map),
      instruction(0, 0, 0, 0, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0),
      instruction(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, kKey),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 0),
      instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_sk_select_reuseport),
      // Where nothing was selected, the hash decides.
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, SK_PASS),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_SK_REUSEPORT;
  attributes.insn_cnt = sizeof instructions / sizeof instructions[0];
  attributes.insns = address_of(instructions);
  attributes.license = address_of("MIT");
  std::strcpy(attributes.prog_name, "lab_sock_array");
  UniqueFd program(static_cast<int>(bpf(BPF_PROG_LOAD, attributes)));
  if (!program) throw LabError("bpf BPF_PROG_LOAD", errno);
  return program;
}

}  // namespace

SockArray SockArray::load(unsigned keys) {
  SockArray array;
  array.map = create_map(keys);
  array.program = load_program(array.map.get(), keys);
  return array;
}

void put_socket(int map, std::uint32_t key, int listener) {
  const auto value = static_cast<std::uint64_t>(listener);
  bpf_attr attributes{};
  attributes.map_fd = static_cast<std::uint32_t>(map);
  attributes.key = address_of(&key);
  attributes.value = address_of(&value);
  if (bpf(BPF_MAP_UPDATE_ELEM, attributes) < 0) throw LabError("bpf BPF_MAP_UPDATE_ELEM", errno);
}

void attach_sock_array(int listener, int program) {
  if (::setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program, sizeof program) < 0)
    throw LabError("setsockopt SO_ATTACH_REUSEPORT_EBPF", errno);
}

}  // namespace reuseport::lab
