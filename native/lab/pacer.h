// Paces events at a given rate.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace reuseport::lab {

// Times are nanoseconds of one clock. Without a rate everything is due at once. Event n (from 0) is due n / rate
// seconds after the start; late events stay due, so the rate holds on average.
class Pacer {
 public:
  Pacer(std::optional<double> per_second, std::uint64_t total, std::int64_t start)
      : per_second_(per_second), total_(total), start_(start) {}

  // How many should have started by now.
  std::uint64_t due(std::int64_t now) const {
    if (!per_second_) return total_;
    const double past = static_cast<double>(std::max<std::int64_t>(now - start_, 0)) / 1e9;
    return std::min(total_, static_cast<std::uint64_t>(past * *per_second_) + 1);
  }

  // When event number `begun` is due.
  std::int64_t time_of(std::uint64_t begun) const {
    if (!per_second_) return start_;
    return start_ + static_cast<std::int64_t>(static_cast<double>(begun) / *per_second_ * 1e9);
  }

 private:
  const std::optional<double> per_second_;
  const std::uint64_t total_;
  const std::int64_t start_;
};

}  // namespace reuseport::lab
