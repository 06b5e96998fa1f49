// From the records of groups.bpf.c (group_records.h) to JSON. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/json.h"

namespace reuseport::bpf {

// Where the group that starts at `start` ends. Throws SystemError for bytes that are no sections.
std::size_t group_end(std::string_view sections, std::size_t start);

// The id of the group that these sections start with.
std::uint32_t group_id(std::string_view sections);

// One group as an object:
// { "id", "netns", "protocol": "tcp" | "udp", "port", "maxSocks", "bindInany", "hasConns", "members": [socket],
//   "closed": [socket], "program": null | { "instructions": [[code, jt, jf, k]] } | { "id", "name", "tag", "type",
//   "loadedAt": ms since 1970, "mapCount", "maps": [{ "id", "name", "type", "maxEntries", "sockets"?: [socket] }] } }.
// A socket is its cookie as text, null without one; a TCP listener's `members` have "halfOpen" beside them, in the same
// order. In a map's `sockets`, by key, an empty place is "".
void write_group(Json& json, std::string_view sections);

}  // namespace reuseport::bpf
