#include "addon_results.h"

#include <unordered_map>

#include "addon_task.h"

namespace reuseport {

Napi::Value to_value(Napi::Env env, const Interfaces& interfaces) {
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
    if (of == addresses.end()) continue;  // its interface was added after the dump of interfaces
    Napi::Object each = Napi::Object::New(env);
    each["family"] = address.family == Family::ipv4 ? 4 : 6;
    each["bytes"] = copy_to<Napi::Uint8Array>(env, std::vector(address.address.begin(), address.address.end()));
    of->second[of->second.Length()] = each;
  }
  return described;
}

Napi::Value to_value(Napi::Env env, const HeldNamespaceSearch& search) {
  Napi::Array found = Napi::Array::New(env, search.found.size());
  for (std::uint32_t i = 0; i < search.found.size(); i++) {
    const HeldNamespace& each = search.found[i];
    Napi::Object held = Napi::Object::New(env);
    held["netns"] = each.netns;
    held["pid"] = each.socket.pid;
    held["fd"] = each.socket.fd;
    held["inode"] = each.socket.inode;
    found[i] = held;
  }
  Napi::Object result = Napi::Object::New(env);
  result["found"] = found;
  result["remaining"] = search.remaining;
  return result;
}

Napi::Value to_value(Napi::Env env, const RefreshResult& result, const Napi::Object& frame, double duration_ms) {
  Napi::Object refresh = Napi::Object::New(env);
  refresh["frame"] = frame;
  refresh["durationMs"] = duration_ms;
  refresh["passes"] = result.passes;
  refresh["unsettled"] = result.unsettled;
  refresh["tables"] = result.tables;
  Napi::Array failures = Napi::Array::New(env, result.failures.size());
  for (std::uint32_t i = 0; i < result.failures.size(); i++) {
    Napi::Object failure = describe_error(env, result.failures[i].error);
    failure["netns"] = result.failures[i].netns;
    failures[i] = failure;
  }
  refresh["failures"] = failures;
  Napi::Array missing = Napi::Array::New(env, result.missing.size());
  for (std::uint32_t i = 0; i < result.missing.size(); i++) {
    Napi::Object table = describe_error(env, result.missing[i].error);
    table["protocol"] = protocol_of(result.missing[i].kind) == Protocol::tcp ? "tcp" : "udp";
    missing[i] = table;
  }
  refresh["missing"] = missing;
  return refresh;
}

Napi::Value to_value(Napi::Env env, const HolderScan& scan, double duration_ms) {
  const auto& processes = scan.index->processes;
  Napi::ArrayBuffer rows = Napi::ArrayBuffer::New(env, processes.size() * sizeof(ProcessRow));
  if (!processes.empty()) std::memcpy(rows.Data(), processes.data(), rows.ByteLength());
  Napi::Object found = Napi::Object::New(env);
  found["durationMs"] = duration_ms;
  found["generation"] = static_cast<double>(scan.index->generation);
  found["processes"] = rows;
  found["processCount"] = static_cast<double>(processes.size());
  found["refused"] = scan.refused;
  if (scan.failure) found["failure"] = describe_error(env, *scan.failure);
  else found["failure"] = env.Null();
  return found;
}

Napi::Value to_value(Napi::Env env, const OptionReadResult& result, double duration_ms) {
  Napi::Object read = Napi::Object::New(env);
  read["read"] = result.read;
  read["refused"] = result.refused;
  read["givenUp"] = result.given_up;
  read["durationMs"] = duration_ms;
  return read;
}

Napi::Value to_value(Napi::Env env, const PollerScan& scan) {
  std::vector<std::uint32_t> inodes, pids;
  for (const Poller& poller : scan.pollers) {
    inodes.push_back(poller.inode);
    pids.push_back(poller.pid);
  }
  Napi::Object found = Napi::Object::New(env);
  found["inodes"] = copy_to<Napi::Uint32Array>(env, inodes);
  found["pids"] = copy_to<Napi::Uint32Array>(env, pids);
  found["refused"] = scan.refused;
  return found;
}

Napi::Value to_value(Napi::Env env, const ProbeAnswers& answers, double duration_ms) {
  Napi::Object answer = Napi::Object::New(env);
  answer["cookies"] = copy_to<Napi::BigUint64Array>(env, answers.cookies);
  answer["states"] = copy_to<Napi::Uint8Array>(env, answers.states);
  answer["errnos"] = copy_to<Napi::Int32Array>(env, answers.errors);
  answer["durationMs"] = duration_ms;
  return answer;
}

Napi::Value to_value(Napi::Env env, const PortDump& dump, double duration_ms) {
  Napi::Object found = Napi::Object::New(env);
  found["cookies"] = copy_to<Napi::BigUint64Array>(env, dump.cookies);
  found["inodes"] = copy_to<Napi::Uint32Array>(env, dump.inodes);
  found["pids"] = copy_to<Napi::Uint32Array>(env, dump.pids);
  found["ports"] = copy_to<Napi::Uint16Array>(env, dump.ports);
  found["addresses"] = copy_to<Napi::Uint8Array>(env, dump.addresses);
  found["interfaces"] = copy_to<Napi::Uint32Array>(env, dump.interfaces);
  found["remotePorts"] = copy_to<Napi::Uint16Array>(env, dump.remote_ports);
  found["remoteAddresses"] = copy_to<Napi::Uint8Array>(env, dump.remote_addresses);
  found["uids"] = copy_to<Napi::Uint32Array>(env, dump.uids);
  found["states"] = copy_to<Napi::Uint8Array>(env, dump.states);
  found["waitedMs"] = copy_to<Napi::Uint32Array>(env, dump.waited_ms);
  found["options"] = copy_to<Napi::Uint8Array>(env, dump.options);
  found["durationMs"] = duration_ms;
  return found;
}

}  // namespace reuseport
