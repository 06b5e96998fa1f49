// The N-API edge: reads the arguments of calls from JavaScript, as native/index.ts types them. Every function throws a
// Napi::TypeError that names `method` for arguments of the wrong type.
#pragma once

#include <napi.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/held_namespaces.h"
#include "common/port_dump.h"
#include "common/sock_diag.h"
#include "socket_table.h"

namespace reuseport {

// A path, or nothing for null.
std::optional<std::string> read_path(const Napi::CallbackInfo& info, const char* method);
// The inode of a network namespace.
std::uint32_t read_inode(const Napi::CallbackInfo& info, const char* method);
// { pid, fd, inode }
SocketRef read_socket_ref(const Napi::CallbackInfo& info, const char* method);
// { limit }
std::uint32_t read_limit(const Napi::CallbackInfo& info, const char* method);
// { full }
bool read_full(const Napi::CallbackInfo& info, const char* method);
// Valid until the call from JavaScript returns.
std::span<const std::uint64_t> read_cookies(const Napi::CallbackInfo& info, const char* method);

struct NamespaceAction {
  std::uint32_t inode;
  Napi::Function action;
};
NamespaceAction read_namespace_action(const Napi::CallbackInfo& info, const char* method);

struct RefreshRequest {
  bool memory;
  bool bound;
};
RefreshRequest read_refresh_request(const Napi::CallbackInfo& info, const char* method);

struct OptionsRequest {
  std::uint32_t limit;
  bool deciding_only;
  std::uint32_t reread;
};
OptionsRequest read_options_request(const Napi::CallbackInfo& info, const char* method);

// `cookies` are valid until the call from JavaScript returns.
struct SharingOptions {
  std::span<const std::uint64_t> cookies;
  Options options;
};
SharingOptions read_sharing_options(const Napi::CallbackInfo& info, const char* method);

// As `cookies` above.
struct KernelGroupNumber {
  std::span<const std::uint64_t> cookies;
  std::uint8_t number;
};
KernelGroupNumber read_kernel_group_number(const Napi::CallbackInfo& info, const char* method);

struct ProbeRequest {
  std::uint32_t netns;
  ProbeTarget target;
  std::vector<Remote> remotes;
  bool every_cpu;
};
ProbeRequest read_probe_request(const Napi::CallbackInfo& info, const char* method);

struct NetlinkRequest {
  std::uint32_t netns;
  int family;  // NETLINK_ROUTE or NETLINK_NETFILTER
  std::vector<std::byte> message;
};
NetlinkRequest read_netlink_request(const Napi::CallbackInfo& info, const char* method);

struct PortRequest {
  std::uint32_t netns;
  PortQuery query;
};
PortRequest read_port_request(const Napi::CallbackInfo& info, const char* method);

struct AbstractAddress {
  std::string name;
  std::uint32_t uid;
};
AbstractAddress read_abstract_address(const Napi::CallbackInfo& info, const char* method);

// Milliseconds.
std::chrono::milliseconds read_timeout(const Napi::CallbackInfo& info, const char* method);

struct ProgramRequest {
  std::string path;
  std::string argument;
};
ProgramRequest read_program_request(const Napi::CallbackInfo& info, const char* method);

struct SignalDeadline {
  std::chrono::milliseconds grace_period;
  int status;
};
SignalDeadline read_signal_deadline(const Napi::CallbackInfo& info, const char* method);

}  // namespace reuseport
