// Memory shared by all processes of a lab: counters, each written by one thread, on its own cache line.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "protocol.h"

namespace reuseport::lab {

// What one worker has received since it started.
struct alignas(64) WorkerCounts {
  std::atomic<std::uint64_t> received;
};

// The counters of one traffic thread; the status shows their sum.
struct alignas(64) TrafficCounts {
  std::atomic<std::uint64_t> sent, done, refused, resets, timeouts, other_errors, moved;
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free,
              "counts are shared between processes");

// Increments a counter that only the calling thread writes: no locked instruction is needed.
inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t more = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

// Zeroed elements that stay shared across fork(2). Untouched pages cost nothing.
template <typename Element>
class SharedArray {
 public:
  SharedArray() = default;
  // Throws LabError.
  explicit SharedArray(std::size_t size) : size_(size) {
    void* memory = ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw LabError("mmap", errno, "shared memory");
    elements_ = static_cast<Element*>(memory);
  }
  SharedArray(SharedArray&& other) noexcept
      : elements_(std::exchange(other.elements_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SharedArray& operator=(SharedArray&& other) noexcept {
    std::swap(elements_, other.elements_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SharedArray() {
    if (elements_ != nullptr) ::munmap(elements_, bytes());
  }

  std::size_t size() const { return size_; }
  Element& operator[](std::size_t index) const { return elements_[index]; }
  Element* begin() const { return elements_; }
  Element* end() const { return elements_ + size_; }

 private:
  std::size_t bytes() const { return size_ * sizeof(Element); }

  Element* elements_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace reuseport::lab
