// Reading from a BPF iterator (bpf_iter_create(), Documentation/bpf/bpf_iterators.rst).
#pragma once

#include <bpf/bpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>

#include "common/system_error.h"
#include "common/unique_fd.h"

namespace reuseport::bpf {

// Runs the program of the link `link` once, and calls `take` with each piece of what it prints. Throws SystemError.
template <typename Take>
void run_iterator(int link, std::span<std::byte> buffer, Take take) {
  const UniqueFd iterator(::bpf_iter_create(link));
  if (!iterator) throw SystemError("start the BPF iterator", errno);
  for (;;) {
    const ssize_t count = ::read(iterator.get(), buffer.data(), buffer.size());
    if (count > 0) take(buffer.first(static_cast<std::size_t>(count)));
    else if (count == 0) return;
    // One read(2) visits up to a million objects (MAX_ITER_OBJECTS, kernel/bpf/bpf_iter.c), even without output.
    else if (errno != EAGAIN && errno != EINTR) throw SystemError("run the BPF iterator", errno);
  }
}

// The same, with each record of a program that prints only such. Throws SystemError.
template <typename Record, typename Take>
void read_records(int link, Take take) {
  // No smaller than the kernel's buffer (bpf_seq_read(), 8 pages), which has whole records: no piece ends within one.
  std::array<std::byte, 4096 * sizeof(Record)> buffer;
  run_iterator(link, buffer, [&](std::span<const std::byte> piece) {
    for (; piece.size() >= sizeof(Record); piece = piece.subspan(sizeof(Record))) {
      Record record;
      std::memcpy(&record, piece.data(), sizeof record);
      take(record);
    }
  });
}

}  // namespace reuseport::bpf
