// The edge to JavaScript: class Reader as native/index.ts types it. Nothing is decided here.
#include <malloc.h>
#include <napi.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <utility>

#include "addon_frames.h"
#include "addon_layout.h"
#include "addon_task.h"
#include "bound_listing.h"
#include "lookup_programs.h"
#include "reader.h"
#include "signal_deadline.h"
#include "unix_peer.h"

namespace reuseport {
namespace {

class Stopwatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Copies numbers into a typed array of JavaScript's own.
template <typename Array, typename T>
Array copy_to(Napi::Env env, const std::vector<T>& values) {
  Array array = Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(T));
  return array;
}

Napi::TypeError wrong(Napi::Env env, const char* method, const char* expected) {
  return Napi::TypeError::New(env, std::string(method) + ": " + expected);
}

// As NetworkInterface[] in native/index.ts.
Napi::Value describe(Napi::Env env, const Interfaces& interfaces) {
  Napi::Array described = Napi::Array::New(env, interfaces.links.size());
  std::unordered_map<std::uint32_t, Napi::Array> addresses;
  for (std::uint32_t i = 0; i < interfaces.links.size(); i++) {
    const NetworkInterface& link = interfaces.links[i];
    Napi::Object each = Napi::Object::New(env);
    each["index"] = link.index;
    each["name"] = link.name;
    each["addresses"] = addresses.insert_or_assign(link.index, Napi::Array::New(env)).first->second;
    described[i] = each;
  }
  for (const InterfaceAddress& address : interfaces.addresses) {
    const auto of = addresses.find(address.interface);
    if (of == addresses.end()) continue;  // its interface came after the dump of those
    Napi::Object each = Napi::Object::New(env);
    each["family"] = address.family == Family::ipv4 ? 4 : 6;
    each["bytes"] = copy_to<Napi::Uint8Array>(env, std::vector(address.address.begin(), address.address.end()));
    of->second[of->second.Length()] = each;
  }
  return described;
}

// Marks that something runs for as long as a copy of it lives.
class Running {
 public:
  explicit Running(std::shared_ptr<bool> flag) : flag_(std::move(flag)) { *flag_ = true; }
  ~Running() { *flag_ = false; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  std::shared_ptr<bool> flag_;
};

class ReaderObject final : public Napi::ObjectWrap<ReaderObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Reader",
                       {
                           InstanceMethod<&ReaderObject::open_namespace>("openNamespace"),
                           InstanceMethod<&ReaderObject::open_held_namespace>("openHeldNamespace"),
                           InstanceMethod<&ReaderObject::search_held_namespaces>("searchHeldNamespaces"),
                           InstanceMethod<&ReaderObject::close_namespace>("closeNamespace"),
                           InstanceMethod<&ReaderObject::within>("within"),
                           InstanceMethod<&ReaderObject::refresh>("refresh"),
                           InstanceMethod<&ReaderObject::scan_owners>("scanOwners"),
                           InstanceMethod<&ReaderObject::read_options>("readOptions"),
                           InstanceMethod<&ReaderObject::scan_pollers>("scanPollers"),
                           InstanceMethod<&ReaderObject::learn>("learn"),
                           InstanceMethod<&ReaderObject::probe>("probe"),
                           InstanceMethod<&ReaderObject::read_interfaces>("readInterfaces"),
                           InstanceMethod<&ReaderObject::query>("query"),
                           InstanceMethod<&ReaderObject::find_lookup_programs>("findLookupPrograms"),
                           InstanceMethod<&ReaderObject::lists_bound_tcp>("listsBoundTcp"),
                           InstanceMethod<&ReaderObject::dump_port>("dumpPort"),
                           InstanceMethod<&ReaderObject::read_incoming_cpus>("readIncomingCpus"),
                           InstanceMethod<&ReaderObject::close>("close"),
                       });
  }

  explicit ReaderObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ReaderObject>(info) {}

 private:
  Napi::Value open_namespace(const Napi::CallbackInfo& info);
  Napi::Value open_held_namespace(const Napi::CallbackInfo& info);
  Napi::Value search_held_namespaces(const Napi::CallbackInfo& info);
  void close_namespace(const Napi::CallbackInfo& info);
  Napi::Value within(const Napi::CallbackInfo& info);
  Napi::Value refresh(const Napi::CallbackInfo& info);
  Napi::Value scan_owners(const Napi::CallbackInfo& info);
  Napi::Value read_options(const Napi::CallbackInfo& info);
  Napi::Value scan_pollers(const Napi::CallbackInfo& info);
  void learn(const Napi::CallbackInfo& info);
  Napi::Value probe(const Napi::CallbackInfo& info);
  Napi::Value read_interfaces(const Napi::CallbackInfo& info);
  Napi::Value query(const Napi::CallbackInfo& info);
  Napi::Value find_lookup_programs(const Napi::CallbackInfo& info);
  Napi::Value lists_bound_tcp(const Napi::CallbackInfo& info);
  Napi::Value dump_port(const Napi::CallbackInfo& info);
  Napi::Value read_incoming_cpus(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo&) { reader_.reset(); }

  // The reader, for a call that may outlive close(). Throws where it is closed.
  std::shared_ptr<Reader> open(Napi::Env env, const char* operation) {
    if (!reader_) throw make_error(env, SystemError(operation, EBADF, "the reader is closed"));
    return reader_;
  }
  // Throws in a completion whose reader was closed meanwhile.
  void expect_open(const char* operation) const {
    if (!reader_) throw SystemError(operation, ECANCELED, "the reader was closed meanwhile");
  }

  std::shared_ptr<Reader> reader_ = std::make_shared<Reader>();
  Frames frames_;
  std::shared_ptr<bool> refreshing_ = std::make_shared<bool>(false);
};

Napi::Value ReaderObject::open_namespace(const Napi::CallbackInfo& info) {
  std::optional<std::string> path;
  if (info[0].IsString()) path = info[0].As<Napi::String>().Utf8Value();
  else if (!info[0].IsNull()) throw wrong(info.Env(), "openNamespace", "expected a path or null");
  auto reader = open(info.Env(), "open network namespace");
  auto inode = std::make_shared<std::uint32_t>();
  return Task::start(
      Value(), [=] { *inode = reader->open_namespace(path); },
      [=](Napi::Env env, auto&) { return Napi::Number::New(env, *inode); });
}

Napi::Value ReaderObject::open_held_namespace(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) throw wrong(info.Env(), "openHeldNamespace", "expected { pid, fd, inode }");
  const auto socket = info[0].As<Napi::Object>();
  const Napi::Value pid = socket.Get("pid"), fd = socket.Get("fd"), inode = socket.Get("inode");
  if (!pid.IsNumber() || !fd.IsNumber() || !inode.IsNumber())
    throw wrong(info.Env(), "openHeldNamespace", "expected { pid, fd, inode }");
  const SocketWitness witness{pid.As<Napi::Number>(), fd.As<Napi::Number>(), inode.As<Napi::Number>()};
  auto reader = open(info.Env(), "open network namespace");
  auto netns = std::make_shared<std::uint32_t>();
  return Task::start(
      Value(), [=] { *netns = reader->open_namespace(witness); },
      [=](Napi::Env env, auto&) { return Napi::Number::New(env, *netns); });
}

Napi::Value ReaderObject::search_held_namespaces(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "search held sockets for network namespaces");
  const Napi::Value limit = info[0].IsObject() ? info[0].As<Napi::Object>().Get("limit") : info.Env().Undefined();
  if (!limit.IsNumber()) throw wrong(info.Env(), "searchHeldNamespaces", "expected { limit }");
  auto search = std::make_shared<HeldNamespaceSearch>();
  return Task::start(
      Value(), [=, most = limit.As<Napi::Number>().Uint32Value()] { *search = reader->search_held_namespaces(most); },
      [=](Napi::Env env, auto&) {
        Napi::Array found = Napi::Array::New(env, search->found.size());
        for (std::uint32_t i = 0; i < search->found.size(); i++) {
          const HeldNamespace& each = search->found[i];
          Napi::Object held = Napi::Object::New(env);
          held["netns"] = each.netns;
          held["pid"] = each.witness.pid;
          held["fd"] = each.witness.fd;
          held["inode"] = each.witness.inode;
          found[i] = held;
        }
        Napi::Object result = Napi::Object::New(env);
        result["found"] = found;
        result["unasked"] = search->unasked;
        return result;
      });
}

void ReaderObject::close_namespace(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw wrong(info.Env(), "closeNamespace", "expected an inode number");
  open(info.Env(), "close network namespace")->close_namespace(info[0].As<Napi::Number>().Uint32Value());
}

Napi::Value ReaderObject::within(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber() || !info[1].IsFunction())
    throw wrong(info.Env(), "within", "expected an inode number and a function");
  try {
    const std::uint32_t inode = info[0].As<Napi::Number>();
    const auto held = open(info.Env(), "enter network namespace")->descriptor_of(inode);
    return run_within(held->descriptor.get(), [&] { return info[1].As<Napi::Function>().Call({}); });
  } catch (const SystemError& error) {
    throw make_error(info.Env(), error);
  }
}

Napi::Value ReaderObject::refresh(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto reader = open(env, "refresh");
  if (!info[0].IsObject()) throw wrong(env, "refresh", "expected { memory, bound }");
  const auto request = info[0].As<Napi::Object>();
  const bool memory = request.Get("memory").ToBoolean(), bound = request.Get("bound").ToBoolean();
  if (*refreshing_) {
    const auto promise = Napi::Promise::Deferred::New(env);
    const SystemError overlap("refresh", EALREADY, "a refresh is running: wait for its promise");
    promise.Reject(make_error(env, overlap).Value());
    return promise.Promise();
  }
  auto running = std::make_shared<Running>(refreshing_);
  auto result = std::make_shared<RefreshResult>();
  auto watch = std::make_shared<Stopwatch>();
  auto memory_to_fill = std::make_shared<FrameMemory>(frames_.next());

  const auto finish = [=, this](Napi::Env now) -> Napi::Value {
    expect_open("refresh");
    Napi::Object refreshed = Napi::Object::New(now);
    refreshed["frame"] = frames_.publish(now, *memory_to_fill, *result);
    refreshed["durationMs"] = watch->milliseconds();
    refreshed["passes"] = result->passes;
    refreshed["unsettled"] = result->unsettled;
    Napi::Array failures = Napi::Array::New(now, result->failures.size());
    for (std::uint32_t i = 0; i < result->failures.size(); i++) {
      Napi::Object failure = describe_error(now, result->failures[i].error);
      failure["netns"] = result->failures[i].netns;
      failures[i] = failure;
    }
    refreshed["failures"] = failures;
    refreshed["tables"] = result->tables;
    Napi::Array missing = Napi::Array::New(now, result->missing.size());
    for (std::uint32_t i = 0; i < result->missing.size(); i++) {
      Napi::Object table = describe_error(now, result->missing[i].answer);
      table["protocol"] = protocol_of(result->missing[i].kind) == Protocol::tcp ? "tcp" : "udp";
      missing[i] = table;
    }
    refreshed["missing"] = missing;
    return refreshed;
  };
  return Task::start(
      Value(),
      [=, keep = running] {
        *result = reader->refresh(memory, bound);
        if (Frames::fits(*memory_to_fill, result->size)) reader->write(*memory_to_fill);
      },
      [=, this, keep = running](Napi::Env now, const Napi::Promise::Deferred& promise) -> Napi::Value {
        expect_open("refresh");
        if (Frames::fits(*memory_to_fill, result->size)) return finish(now);
        // Only this thread may make buffers; they are filled by the worker again.
        *memory_to_fill = frames_.grow(now, result->size);
        Task::go_on(
            Value(), promise, [=, keep = running] { reader->write(*memory_to_fill); },
            [=, keep = running](Napi::Env later, auto&) { return finish(later); });
        return {};
      });
}

Napi::Value ReaderObject::scan_owners(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "scan owners");
  if (!info[0].IsObject()) throw wrong(info.Env(), "scanOwners", "expected { full }");
  const bool full = info[0].As<Napi::Object>().Get("full").ToBoolean();
  auto scan = std::make_shared<HolderScan>();
  auto watch = std::make_shared<Stopwatch>();
  return Task::start(
      Value(), [=] { *scan = reader->scan_owners(full); },
      [=](Napi::Env env, auto&) {
        const auto& processes = scan->index->processes;
        Napi::ArrayBuffer rows = Napi::ArrayBuffer::New(env, processes.size() * sizeof(ProcessRow));
        if (!processes.empty()) std::memcpy(rows.Data(), processes.data(), rows.ByteLength());
        Napi::Object found = Napi::Object::New(env);
        found["durationMs"] = watch->milliseconds();
        found["generation"] = static_cast<double>(scan->index->generation);
        found["processes"] = rows;
        found["processCount"] = static_cast<double>(processes.size());
        found["refused"] = scan->refused;
        if (scan->failure) found["failure"] = describe_error(env, *scan->failure);
        else found["failure"] = env.Null();
        return found;
      });
}

Napi::Value ReaderObject::read_options(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "read socket options");
  const Napi::Object request = info[0].IsObject() ? info[0].As<Napi::Object>() : Napi::Object::New(info.Env());
  const Napi::Value limit = request.Get("limit"), deciding = request.Get("deciding"), again = request.Get("again");
  if (!limit.IsNumber() || !deciding.IsBoolean() || !again.IsNumber())
    throw wrong(info.Env(), "readOptions", "expected { limit, deciding, again }");
  const std::uint32_t most = limit.As<Napi::Number>().Uint32Value();
  const std::uint32_t most_again = again.As<Napi::Number>().Uint32Value();
  const bool only_deciding = deciding.As<Napi::Boolean>();
  auto reading = std::make_shared<OptionReading>();
  auto watch = std::make_shared<Stopwatch>();
  return Task::start(
      Value(), [=] { *reading = reader->read_options(most, only_deciding, most_again); },
      [=](Napi::Env env, auto&) {
        Napi::Object read = Napi::Object::New(env);
        read["read"] = reading->read;
        read["refused"] = reading->refused;
        read["givenUp"] = reading->given_up;
        read["durationMs"] = watch->milliseconds();
        return read;
      });
}

Napi::Value ReaderObject::scan_pollers(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "scan pollers");
  auto scan = std::make_shared<PollerScan>();
  return Task::start(
      Value(), [=] { *scan = reader->scan_pollers(); },
      [=](Napi::Env env, auto&) {
        std::vector<std::uint32_t> inodes, polling;
        for (const Poller& poller : scan->pollers) {
          inodes.push_back(poller.inode);
          polling.push_back(poller.pid);
        }
        Napi::Object found = Napi::Object::New(env);
        found["inodes"] = copy_to<Napi::Uint32Array>(env, inodes);
        found["pids"] = copy_to<Napi::Uint32Array>(env, polling);
        found["refused"] = scan->refused;
        return found;
      });
}

void ReaderObject::learn(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "learn");
  const std::string sharing = info[1].IsString() ? info[1].As<Napi::String>().Utf8Value() : "";
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_biguint64_array ||
      (sharing != "reuseport" && sharing != "reuseaddr"))
    throw wrong(info.Env(), "learn", "expected a BigUint64Array and 'reuseport' or 'reuseaddr'");
  const auto cookies = info[0].As<Napi::BigUint64Array>();
  const std::uint8_t option = sharing == "reuseport" ? kReusePort : kReuseAddr;
  reader->learn(std::span(cookies.Data(), cookies.ElementLength()),
                {.bits = static_cast<std::uint8_t>(kOptionsFromOracle | option)});
}

bool is_bytes(const Napi::Value& value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
}

Napi::Value ReaderObject::probe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto reader = open(env, "ask the steering oracle");
  constexpr const char* kExpected =
      "expected { netns, protocol: 'tcp' | 'udp', family: 4 | 6, localAddress: 16 bytes, localPort: 1 to 65535, "
      "interface, remotes: 18 bytes each, everyCpu?: boolean }";
  if (!info[0].IsObject()) throw wrong(env, "probe", kExpected);
  const auto request = info[0].As<Napi::Object>();
  const Napi::Value netns = request.Get("netns"), protocol = request.Get("protocol"), family = request.Get("family"),
                    address = request.Get("localAddress"), port = request.Get("localPort"),
                    interface = request.Get("interface"), remote_bytes = request.Get("remotes"), every_cpu = request.Get("everyCpu");
  if (!netns.IsNumber() || !protocol.IsString() || !family.IsNumber() || !is_bytes(address) || !port.IsNumber() ||
      !interface.IsNumber() || !is_bytes(remote_bytes) || !(every_cpu.IsUndefined() || every_cpu.IsBoolean()))
    throw wrong(env, "probe", kExpected);
  const std::string protocol_name = protocol.As<Napi::String>();
  const std::uint32_t family_number = family.As<Napi::Number>(), port_number = port.As<Napi::Number>();
  const auto local = address.As<Napi::Uint8Array>(), bytes = remote_bytes.As<Napi::Uint8Array>();
  constexpr std::size_t kRemoteSize = 18;
  if ((protocol_name != "tcp" && protocol_name != "udp") || (family_number != 4 && family_number != 6) ||
      port_number == 0 || port_number > 65535 || local.ElementLength() != sizeof(Address) ||
      bytes.ElementLength() % kRemoteSize != 0)
    throw wrong(env, "probe", kExpected);

  ProbeTarget target{};
  target.protocol = protocol_name == "tcp" ? Protocol::tcp : Protocol::udp;
  target.family = family_number == 4 ? Family::ipv4 : Family::ipv6;
  std::memcpy(target.local_address.data(), local.Data(), sizeof(Address));
  target.local_port = static_cast<std::uint16_t>(port_number);
  target.interface = interface.As<Napi::Number>();
  std::vector<Remote> remotes(bytes.ElementLength() / kRemoteSize);
  for (std::size_t i = 0; i < remotes.size(); i++) {
    const std::uint8_t* from = bytes.Data() + i * kRemoteSize;
    std::memcpy(remotes[i].address.data(), from, sizeof(Address));
    remotes[i].port = static_cast<std::uint16_t>(from[16] << 8 | from[17]);
  }
  auto answers = std::make_shared<ProbeAnswers>();
  auto watch = std::make_shared<Stopwatch>();
  return Task::start(
      Value(),
      [=, inode = netns.As<Napi::Number>().Uint32Value(), every = every_cpu.ToBoolean().Value()] {
        *answers = reader->probe(inode, target, remotes, every);
      },
      [=](Napi::Env now, auto&) {
        Napi::Object answer = Napi::Object::New(now);
        answer["cookies"] = copy_to<Napi::BigUint64Array>(now, answers->cookies);
        answer["states"] = copy_to<Napi::Uint8Array>(now, answers->states);
        answer["errnos"] = copy_to<Napi::Int32Array>(now, answers->errors);
        answer["durationMs"] = watch->milliseconds();
        return answer;
      });
}

Napi::Value ReaderObject::read_interfaces(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "read network interfaces");
  if (!info[0].IsNumber()) throw wrong(info.Env(), "readInterfaces", "expected an inode number");
  auto read = std::make_shared<std::optional<Interfaces>>();
  return Task::start(
      Value(), [=, inode = info[0].As<Napi::Number>().Uint32Value()] { *read = reader->read_interfaces(inode); },
      [=](Napi::Env env, auto&) -> Napi::Value { return *read ? describe(env, **read) : env.Null(); });
}

Napi::Value ReaderObject::query(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "ask over netlink");
  constexpr const char* kExpected = "expected { netns, family: 'route' | 'netfilter', request: Uint8Array }";
  if (!info[0].IsObject()) throw wrong(info.Env(), "query", kExpected);
  const auto wanted = info[0].As<Napi::Object>();
  const Napi::Value netns = wanted.Get("netns"), family = wanted.Get("family"), request = wanted.Get("request");
  const std::string name = family.IsString() ? family.As<Napi::String>().Utf8Value() : "";
  if (!netns.IsNumber() || (name != "route" && name != "netfilter") || !is_bytes(request))
    throw wrong(info.Env(), "query", kExpected);
  const auto bytes = request.As<Napi::Uint8Array>();
  std::vector<std::byte> message(bytes.ElementLength());
  if (!message.empty()) std::memcpy(message.data(), bytes.Data(), message.size());
  auto answer = std::make_shared<std::vector<std::byte>>();
  return Task::start(
      Value(),
      [=, inode = netns.As<Napi::Number>().Uint32Value(), number = name == "route" ? NETLINK_ROUTE : NETLINK_NETFILTER] {
        *answer = reader->query(inode, number, message);
      },
      [=](Napi::Env env, auto&) { return copy_to<Napi::Uint8Array>(env, *answer); });
}

Napi::Value ReaderObject::find_lookup_programs(const Napi::CallbackInfo&) {
  auto found = std::make_shared<std::vector<std::uint32_t>>();
  return Task::start(
      Value(), [=] { *found = reuseport::find_lookup_programs(); },
      [=](Napi::Env env, auto&) { return copy_to<Napi::Uint32Array>(env, *found); });
}

Napi::Value ReaderObject::lists_bound_tcp(const Napi::CallbackInfo&) {
  auto listed = std::make_shared<bool>(false);
  return Task::start(
      Value(), [=] { *listed = reuseport::lists_bound_tcp(); },
      [=](Napi::Env env, auto&) { return Napi::Boolean::New(env, *listed); });
}

Napi::Value ReaderObject::dump_port(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "dump the sockets of a port");
  constexpr const char* kExpected =
      "expected { netns, protocol: 'tcp' | 'udp', family: 4 | 6, state: 'receiving' | 'established' | 'connections', port: 0 to 65535 }";
  if (!info[0].IsObject()) throw wrong(info.Env(), "dumpPort", kExpected);
  const auto request = info[0].As<Napi::Object>();
  const Napi::Value netns = request.Get("netns"), protocol = request.Get("protocol"), family = request.Get("family"),
                    state = request.Get("state"), port = request.Get("port");
  if (!netns.IsNumber() || !protocol.IsString() || !family.IsNumber() || !state.IsString() || !port.IsNumber())
    throw wrong(info.Env(), "dumpPort", kExpected);
  const std::string protocol_name = protocol.As<Napi::String>(), state_name = state.As<Napi::String>();
  const std::uint32_t family_number = family.As<Napi::Number>(), port_number = port.As<Napi::Number>();
  if ((protocol_name != "tcp" && protocol_name != "udp") || (family_number != 4 && family_number != 6) ||
      (state_name != "receiving" && state_name != "established" && state_name != "connections") || port_number > 65535)
    throw wrong(info.Env(), "dumpPort", kExpected);

  PortQuery query{};
  query.protocol = protocol_name == "tcp" ? Protocol::tcp : Protocol::udp;
  query.family = family_number == 4 ? Family::ipv4 : Family::ipv6;
  query.state = state_name == "receiving"     ? PortState::receiving
                : state_name == "established" ? PortState::established
                                              : PortState::connections;
  query.port = static_cast<std::uint16_t>(port_number);
  auto dump = std::make_shared<PortDump>();
  auto watch = std::make_shared<Stopwatch>();
  return Task::start(
      Value(), [=, inode = netns.As<Napi::Number>().Uint32Value()] { *dump = reader->dump_port(inode, query); },
      [=](Napi::Env env, auto&) {
        Napi::Object found = Napi::Object::New(env);
        found["cookies"] = copy_to<Napi::BigUint64Array>(env, dump->cookies);
        found["inodes"] = copy_to<Napi::Uint32Array>(env, dump->inodes);
        found["pids"] = copy_to<Napi::Uint32Array>(env, dump->pids);
        found["ports"] = copy_to<Napi::Uint16Array>(env, dump->ports);
        found["addresses"] = copy_to<Napi::Uint8Array>(env, dump->addresses);
        found["interfaces"] = copy_to<Napi::Uint32Array>(env, dump->interfaces);
        found["remotePorts"] = copy_to<Napi::Uint16Array>(env, dump->remote_ports);
        found["remoteAddresses"] = copy_to<Napi::Uint8Array>(env, dump->remote_addresses);
        found["uids"] = copy_to<Napi::Uint32Array>(env, dump->uids);
        found["states"] = copy_to<Napi::Uint8Array>(env, dump->states);
        found["options"] = copy_to<Napi::Uint8Array>(env, dump->options);
        found["durationMs"] = watch->milliseconds();
        return found;
      });
}

Napi::Value ReaderObject::read_incoming_cpus(const Napi::CallbackInfo& info) {
  auto reader = open(info.Env(), "read SO_INCOMING_CPU");
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_biguint64_array)
    throw wrong(info.Env(), "readIncomingCpus", "expected cookies (BigUint64Array)");
  const auto array = info[0].As<Napi::BigUint64Array>();
  std::vector<std::uint64_t> cookies(array.Data(), array.Data() + array.ElementLength());
  auto cpus = std::make_shared<std::vector<std::uint16_t>>();
  return Task::start(
      Value(), [=] { *cpus = reader->read_incoming_cpus(cookies); },
      [=](Napi::Env env, auto&) { return copy_to<Napi::Uint16Array>(env, *cpus); });
}

// What a large block leaves goes back to the kernel at once. By itself malloc raises this limit with every large block
// that is freed, up to 32 MB, and keeps what it got (mallopt(3)): 20 MB more at 100,000 sockets, for tables that grew.
constexpr int kLargeBlock = 1 << 18;
// Threads that did not allocate yet share one heap: with one each, every thread of the pool keeps what the largest piece
// of work it ever got needed for a moment, 9 MB more at 100,000 sockets. They work one at a time and do not contend.
constexpr int kHeaps = 1;

Napi::Value connect_abstract(const Napi::CallbackInfo& info) {
  if (!info[0].IsString() || !info[1].IsNumber())
    throw wrong(info.Env(), "connectAbstract", "expected a name and a uid");
  try {
    UniqueFd connection = connect_to_user(info[0].As<Napi::String>(), info[1].As<Napi::Number>().Uint32Value());
    if (!connection) return info.Env().Null();
    return Napi::Number::New(info.Env(), connection.release());
  } catch (const SystemError& error) {
    throw make_error(info.Env(), error);
  }
}

void end_after_signal(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber() || !info[1].IsNumber())
    throw wrong(info.Env(), "endAfterSignal", "expected milliseconds and a status");
  try {
    reuseport::end_after_signal(std::chrono::milliseconds(info[0].As<Napi::Number>().Int64Value()),
                                info[1].As<Napi::Number>().Int32Value());
  } catch (const SystemError& error) {
    throw make_error(info.Env(), error);
  }
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  ::mallopt(M_ARENA_MAX, kHeaps);
  exports["layout"] = make_layout(env);
  exports["Reader"] = ReaderObject::define(env);
  exports["connectAbstract"] = Napi::Function::New<connect_abstract>(env, "connectAbstract");
  exports["endAfterSignal"] = Napi::Function::New<end_after_signal>(env, "endAfterSignal");
  return exports;
}

}  // namespace
}  // namespace reuseport

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return reuseport::initialize(env, exports); }
NODE_API_MODULE(reuseport, initialize)
