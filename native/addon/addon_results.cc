#include "addon_results.h"

#include <cstring>
#include <unordered_map>

#include "addon_task.h"
#include "addon_values.h"

namespace reuseport {

Napi::Value to_value(Napi::Env env, const Interfaces& interfaces) {
  std::unordered_map<std::uint32_t, Napi::Array> addresses;
  const Napi::Array described = make_array(env, interfaces.links, [&](const NetworkInterface& link) {
    const Napi::Array own = addresses.insert_or_assign(link.index, Napi::Array::New(env)).first->second;
    return make_object(env, Field{"index", link.index}, Field{"name", link.name}, Field{"addresses", own});
  });
  for (const InterfaceAddress& address : interfaces.addresses) {
    const auto of = addresses.find(address.interface);
    if (of == addresses.end()) continue;  // its interface was added after the dump of interfaces
    of->second[of->second.Length()] =
        make_object(env, Field{"family", address.family == Family::ipv4 ? 4 : 6},
                    Field{"bytes", std::vector(address.address.begin(), address.address.end())});
  }
  return described;
}

Napi::Value to_value(Napi::Env env, const HeldNamespaceSearch& search) {
  const Napi::Array found = make_array(env, search.found, [&](const HeldNamespace& each) {
    return make_object(env, Field{"netns", each.netns}, Field{"pid", each.socket.pid}, Field{"fd", each.socket.fd},
                       Field{"inode", each.socket.inode});
  });
  return make_object(env, Field{"found", found}, Field{"remaining", search.remaining});
}

Napi::Value to_value(Napi::Env env, const RefreshResult& result, const Napi::Object& frame, double duration_ms) {
  const Napi::Array failures = make_array(env, result.failures, [&](const ReadFailure& each) {
    Napi::Object failure = describe_error(env, each.error);
    failure["netns"] = each.netns;
    return failure;
  });
  const Napi::Array missing = make_array(env, result.missing, [&](const MissingTable& each) {
    Napi::Object table = describe_error(env, each.error);
    table["protocol"] = protocol_of(each.kind) == Protocol::tcp ? "tcp" : "udp";
    return table;
  });
  return make_object(env, Field{"frame", frame}, Field{"durationMs", duration_ms}, Field{"passes", result.passes},
                     Field{"unsettled", result.unsettled}, Field{"tables", result.tables}, Field{"failures", failures},
                     Field{"missing", missing});
}

Napi::Value to_value(Napi::Env env, const HolderScan& scan, double duration_ms) {
  const auto& processes = scan.index->processes;
  Napi::ArrayBuffer rows = Napi::ArrayBuffer::New(env, processes.size() * sizeof(ProcessRow));
  if (!processes.empty()) std::memcpy(rows.Data(), processes.data(), rows.ByteLength());
  const Napi::Value failure = scan.failure ? describe_error(env, *scan.failure) : env.Null();
  return make_object(env, Field{"durationMs", duration_ms}, Field{"generation", scan.index->generation},
                     Field{"processes", rows}, Field{"processCount", processes.size()}, Field{"refused", scan.refused},
                     Field{"failure", failure});
}

Napi::Value to_value(Napi::Env env, const OptionReadResult& result, double duration_ms) {
  return make_object(env, Field{"read", result.read}, Field{"refused", result.refused},
                     Field{"givenUp", result.given_up}, Field{"durationMs", duration_ms});
}

Napi::Value to_value(Napi::Env env, const PollerScan& scan) {
  std::vector<std::uint32_t> inodes, pids;
  for (const Poller& poller : scan.pollers) {
    inodes.push_back(poller.inode);
    pids.push_back(poller.pid);
  }
  return make_object(env, Field{"inodes", inodes}, Field{"pids", pids}, Field{"refused", scan.refused});
}

Napi::Value to_value(Napi::Env env, const ProbeAnswers& answers, double duration_ms) {
  return make_object(env, Field{"cookies", answers.cookies}, Field{"states", answers.states},
                     Field{"errnos", answers.errors}, Field{"durationMs", duration_ms});
}

Napi::Value to_value(Napi::Env env, const PortDump& dump, double duration_ms) {
  return make_object(env, Field{"cookies", dump.cookies}, Field{"inodes", dump.inodes}, Field{"pids", dump.pids},
                     Field{"ports", dump.ports}, Field{"addresses", dump.addresses},
                     Field{"interfaces", dump.interfaces}, Field{"remotePorts", dump.remote_ports},
                     Field{"remoteAddresses", dump.remote_addresses}, Field{"uids", dump.uids},
                     Field{"states", dump.states}, Field{"waitedMs", dump.waited_ms}, Field{"options", dump.options},
                     Field{"durationMs", duration_ms});
}

}  // namespace reuseport
