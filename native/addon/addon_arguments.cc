#include "addon_arguments.h"

#include <linux/netlink.h>

#include <cstring>

namespace reuseport {
namespace {

Napi::TypeError type_error(const Napi::CallbackInfo& info, const char* method, const char* expected) {
  return Napi::TypeError::New(info.Env(), std::string(method) + ": " + expected);
}

// The first argument as an object.
Napi::Object object_of(const Napi::CallbackInfo& info, const char* method, const char* expected) {
  if (!info[0].IsObject()) throw type_error(info, method, expected);
  return info[0].As<Napi::Object>();
}

std::string text_of(const Napi::Value& value) { return value.IsString() ? value.As<Napi::String>().Utf8Value() : ""; }

bool is_array_of(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

bool is_bytes(const Napi::Value& value) { return is_array_of(value, napi_uint8_array); }

std::optional<Protocol> protocol_of(const Napi::Value& value) {
  const std::string name = text_of(value);
  if (name == "tcp") return Protocol::tcp;
  if (name == "udp") return Protocol::udp;
  return std::nullopt;
}

std::optional<Family> family_of(const Napi::Value& value) {
  const std::uint32_t number = value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : 0;
  if (number == 4) return Family::ipv4;
  if (number == 6) return Family::ipv6;
  return std::nullopt;
}

std::optional<PortState> port_state_of(const Napi::Value& value) {
  const std::string name = text_of(value);
  if (name == "receiving") return PortState::receiving;
  if (name == "established") return PortState::established;
  if (name == "waiting") return PortState::waiting;
  if (name == "connections") return PortState::connections;
  return std::nullopt;
}

std::optional<std::uint16_t> port_of(const Napi::Value& value) {
  if (!value.IsNumber()) return std::nullopt;
  const std::uint32_t number = value.As<Napi::Number>();
  if (number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

// 18 bytes each: address (16), port (network order).
constexpr std::size_t kRemoteSize = 18;

std::vector<Remote> remotes_of(const Napi::Uint8Array& bytes) {
  std::vector<Remote> remotes(bytes.ElementLength() / kRemoteSize);
  for (std::size_t i = 0; i < remotes.size(); i++) {
    const std::uint8_t* from = bytes.Data() + i * kRemoteSize;
    std::memcpy(remotes[i].address.data(), from, sizeof(Address));
    remotes[i].port = static_cast<std::uint16_t>(from[16] << 8 | from[17]);
  }
  return remotes;
}

}  // namespace

std::optional<std::string> read_path(const Napi::CallbackInfo& info, const char* method) {
  if (info[0].IsNull()) return std::nullopt;
  if (!info[0].IsString()) throw type_error(info, method, "expected a path or null");
  return info[0].As<Napi::String>().Utf8Value();
}

std::uint32_t read_inode(const Napi::CallbackInfo& info, const char* method) {
  if (!info[0].IsNumber()) throw type_error(info, method, "expected an inode number");
  return info[0].As<Napi::Number>();
}

SocketRef read_socket_ref(const Napi::CallbackInfo& info, const char* method) {
  constexpr const char* kExpected = "expected { pid, fd, inode }";
  const auto socket = object_of(info, method, kExpected);
  const Napi::Value pid = socket.Get("pid"), fd = socket.Get("fd"), inode = socket.Get("inode");
  if (!pid.IsNumber() || !fd.IsNumber() || !inode.IsNumber()) throw type_error(info, method, kExpected);
  return {pid.As<Napi::Number>(), fd.As<Napi::Number>(), inode.As<Napi::Number>()};
}

std::uint32_t read_limit(const Napi::CallbackInfo& info, const char* method) {
  constexpr const char* kExpected = "expected { limit }";
  const Napi::Value limit = object_of(info, method, kExpected).Get("limit");
  if (!limit.IsNumber()) throw type_error(info, method, kExpected);
  return limit.As<Napi::Number>();
}

bool read_full(const Napi::CallbackInfo& info, const char* method) {
  return object_of(info, method, "expected { full }").Get("full").ToBoolean();
}

std::span<const std::uint64_t> read_cookies(const Napi::CallbackInfo& info, const char* method) {
  if (!is_array_of(info[0], napi_biguint64_array)) throw type_error(info, method, "expected cookies (BigUint64Array)");
  const auto cookies = info[0].As<Napi::BigUint64Array>();
  return {cookies.Data(), cookies.ElementLength()};
}

NamespaceAction read_namespace_action(const Napi::CallbackInfo& info, const char* method) {
  if (!info[0].IsNumber() || !info[1].IsFunction())
    throw type_error(info, method, "expected an inode number and a function");
  return {info[0].As<Napi::Number>(), info[1].As<Napi::Function>()};
}

RefreshRequest read_refresh_request(const Napi::CallbackInfo& info, const char* method) {
  const auto request = object_of(info, method, "expected { memory, bound }");
  return {request.Get("memory").ToBoolean(), request.Get("bound").ToBoolean()};
}

OptionsRequest read_options_request(const Napi::CallbackInfo& info, const char* method) {
  constexpr const char* kExpected = "expected { limit, decidingOnly, reread }";
  const auto request = object_of(info, method, kExpected);
  const Napi::Value limit = request.Get("limit"), deciding_only = request.Get("decidingOnly"),
                    reread = request.Get("reread");
  if (!limit.IsNumber() || !deciding_only.IsBoolean() || !reread.IsNumber()) throw type_error(info, method, kExpected);
  return {limit.As<Napi::Number>(), deciding_only.As<Napi::Boolean>(), reread.As<Napi::Number>()};
}

SharingOptions read_sharing_options(const Napi::CallbackInfo& info, const char* method) {
  const std::string sharing = text_of(info[1]);
  if (!is_array_of(info[0], napi_biguint64_array) || (sharing != "reuseport" && sharing != "reuseaddr"))
    throw type_error(info, method, "expected a BigUint64Array and 'reuseport' or 'reuseaddr'");
  const std::uint8_t option = sharing == "reuseport" ? kReusePort : kReuseAddr;
  return {read_cookies(info, method), {.bits = static_cast<std::uint8_t>(kOptionsFromLookup | option)}};
}

KernelGroupNumber read_kernel_group_number(const Napi::CallbackInfo& info, const char* method) {
  const double number = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : -1;
  if (!is_array_of(info[0], napi_biguint64_array) || !(number >= 0 && number <= 0xff))
    throw type_error(info, method, "expected a BigUint64Array and a number from 0 to 255");
  return {read_cookies(info, method), static_cast<std::uint8_t>(number)};
}

ProbeRequest read_probe_request(const Napi::CallbackInfo& info, const char* method) {
  constexpr const char* kExpected =
      "expected { netns, protocol: 'tcp' | 'udp', family: 4 | 6, localAddress: 16 bytes, localPort: 1 to 65535, "
      "interface, remotes: 18 bytes each, everyCpu?: boolean }";
  const auto request = object_of(info, method, kExpected);
  const Napi::Value netns = request.Get("netns"), address = request.Get("localAddress"),
                    interface = request.Get("interface"), remotes = request.Get("remotes"),
                    every_cpu = request.Get("everyCpu");
  const auto protocol = protocol_of(request.Get("protocol"));
  const auto family = family_of(request.Get("family"));
  const auto port = port_of(request.Get("localPort"));
  if (!netns.IsNumber() || !protocol || !family || !is_bytes(address) || !port || *port == 0 || !interface.IsNumber() ||
      !is_bytes(remotes) || !(every_cpu.IsUndefined() || every_cpu.IsBoolean()))
    throw type_error(info, method, kExpected);
  const auto local = address.As<Napi::Uint8Array>(), bytes = remotes.As<Napi::Uint8Array>();
  if (local.ElementLength() != sizeof(Address) || bytes.ElementLength() % kRemoteSize != 0)
    throw type_error(info, method, kExpected);

  ProbeRequest read{};
  read.netns = netns.As<Napi::Number>();
  read.target.protocol = *protocol;
  read.target.family = *family;
  std::memcpy(read.target.local_address.data(), local.Data(), sizeof(Address));
  read.target.local_port = *port;
  read.target.interface = interface.As<Napi::Number>();
  read.remotes = remotes_of(bytes);
  read.every_cpu = every_cpu.ToBoolean();
  return read;
}

NetlinkRequest read_netlink_request(const Napi::CallbackInfo& info, const char* method) {
  constexpr const char* kExpected = "expected { netns, family: 'route' | 'netfilter', request: Uint8Array }";
  const auto request = object_of(info, method, kExpected);
  const Napi::Value netns = request.Get("netns"), message = request.Get("request");
  const std::string family = text_of(request.Get("family"));
  if (!netns.IsNumber() || (family != "route" && family != "netfilter") || !is_bytes(message))
    throw type_error(info, method, kExpected);
  const auto bytes =
      std::as_bytes(std::span(message.As<Napi::Uint8Array>().Data(), message.As<Napi::Uint8Array>().ElementLength()));
  return {
      netns.As<Napi::Number>(), family == "route" ? NETLINK_ROUTE : NETLINK_NETFILTER, {bytes.begin(), bytes.end()}};
}

PortRequest read_port_request(const Napi::CallbackInfo& info, const char* method) {
  constexpr const char* kExpected =
      "expected { netns, protocol: 'tcp' | 'udp', family: 4 | 6, state: 'receiving' | 'established' | 'waiting' | "
      "'connections', port: 0 to 65535 }";
  const auto request = object_of(info, method, kExpected);
  const Napi::Value netns = request.Get("netns");
  const auto protocol = protocol_of(request.Get("protocol"));
  const auto family = family_of(request.Get("family"));
  const auto state = port_state_of(request.Get("state"));
  const auto port = port_of(request.Get("port"));
  if (!netns.IsNumber() || !protocol || !family || !state || !port) throw type_error(info, method, kExpected);
  return {netns.As<Napi::Number>(), {.protocol = *protocol, .family = *family, .state = *state, .port = *port}};
}

AbstractAddress read_abstract_address(const Napi::CallbackInfo& info, const char* method) {
  if (!info[0].IsString() || !info[1].IsNumber()) throw type_error(info, method, "expected a name and a uid");
  return {info[0].As<Napi::String>(), info[1].As<Napi::Number>()};
}

ProgramRequest read_program_request(const Napi::CallbackInfo& info, const char* method) {
  if (!info[0].IsString() || !info[1].IsString()) throw type_error(info, method, "expected a path and an argument");
  return {text_of(info[0]), text_of(info[1])};
}

std::chrono::milliseconds read_timeout(const Napi::CallbackInfo& info, const char* method) {
  if (!info[0].IsNumber()) throw type_error(info, method, "expected milliseconds");
  return std::chrono::milliseconds(info[0].As<Napi::Number>().Int64Value());
}

SignalDeadline read_signal_deadline(const Napi::CallbackInfo& info, const char* method) {
  if (!info[0].IsNumber() || !info[1].IsNumber()) throw type_error(info, method, "expected milliseconds and a status");
  return {std::chrono::milliseconds(info[0].As<Napi::Number>().Int64Value()), info[1].As<Napi::Number>().Int32Value()};
}

}  // namespace reuseport
