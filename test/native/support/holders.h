// The result of a holder scan, in a form that a test can compare.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "common/holder_index.h"

namespace reuseport::test {

using Place = std::pair<std::uint32_t, std::uint32_t>;  // pid, fd

inline std::vector<Place> holders_of(const HolderIndex& index, std::uint32_t inode) {
  std::vector<Place> places;
  for (const auto& row : index.of(inode)) places.emplace_back(row.pid, row.fd);
  return places;
}

inline std::vector<Place> at(std::uint32_t pid, std::initializer_list<int> fds) {
  std::vector<Place> places;
  for (const int fd : fds) places.emplace_back(pid, static_cast<std::uint32_t>(fd));
  return places;
}

inline std::string command_of(const ProcessRow& row) {
  return {row.command.data(), ::strnlen(row.command.data(), row.command.size())};
}

}  // namespace reuseport::test
