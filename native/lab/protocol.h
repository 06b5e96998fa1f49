// The protocol of a lab's supervisor.
//
// Started as `reuseport-lab ID` (8 hexadecimal digits), with pipes. It reads requests on standard input and replies on
// standard output, and accepts the same requests on the abstract unix socket `@reuseport-inspector/lab/UID/ID` (UID:
// the supervisor's effective uid; only that user and root get replies: SO_PEERCRED). In its own user namespace it
// cannot tell root from unmapped users, and replies to its own user only; run as the overflow uid (nobody), not even to
// that one. The end of standard input ends the lab.
//
// A request is a line `verb key=value …`; unknown verbs and keys, and values out of range, are refused. Each reply is
// one line of JSON, in the order of the requests: an object as below, or
//   {"error":{"call":"bind","errno":98,"name":"EADDRINUSE","at":"member 3"}}
// where `call` is the system call, or the verb if the request itself is invalid (EINVAL, `at` names the key), and `at`
// may be empty.
//
// listen    protocol=tcp|udp address=A [port=0] [listeners=4] [processes=1] [uid=N] [gid=N] [reuseport=1] [reuseaddr=0]
//           [v6only=0|1] [device=NAME] [incoming_cpu=0] [backlog=128] [rcvbuf=BYTES]
//           [accept_behavior=normal|slow|never] [delay_us=100000] [accept_model=reuseport|shared|dispatcher]
//           [wait_strategy=accept|epoll|epoll-exclusive] [steering=hash|random|cpu|source-port|member|sock-array]
//           [steer_to=0] [seconds=600] [namespace=host|own] [migrate_req=0|1] [reply=echo|dns]
//           Once per lab; the reply is that of `status`, when all members listen. After an error nothing of it is left
//           and it can be retried (but its own namespace, once created, stays).
// status    {"id","address","port","netns","ownNamespace","supervisor","pids":[…],"startedAt","endsAt",
//            "request":{…as ListenRequest…},
//            "members":[{"index","cookie","inode","pid","uid","state"}…],
//            "workers":[{"index","pid","member","received"}…],
//            "traffic":null|{"pid","request":{…as TrafficRequest, without id…},"startedAt","endedAt","elapsedUs",
//                            "sent","done","refused","resets","timeouts","otherErrors","moved","samples","failed",
//                            "foreignSocket"}}
//           `endedAt`: null while it runs. `failed`: its process was killed. `foreignSocket`: the cookie of a socket
//           that is not the lab's, was bound where the lab's are, and ended the traffic, else null. `moved`: UDP flows
//           that were answered by more than one worker. sent = done + refused + resets + timeouts + otherErrors + in
//           flight. For `send`, done is what the kernel accepted; lost datagrams are that minus the workers'
//           `received`.
// add       [uid=N] [gid=N] [reuseport=0|1] [reuseaddr=0|1]     {"member":{…},"worker":{…}}
//           Appends a member, in a process of its own for another user, otherwise like the first ones. Only with
//           accept_model=reuseport. With steering=sock-array, whose array has a key for each of the first members, it
//           gets the first key whose member has closed, if there is one.
// stall     member=N | worker=N    its workers stop accepting:               {"member":{…}} | {"worker":{…}}
// resume    member=N | worker=N    they continue as `accept_behavior` says:  the same
// spare     member=N    a program picks any other at random: nothing new reaches it until it closes: {"member":{…}}
//           Only of several that share by reuseport.
// close     member=N               closes its listener; accepted connections stay open: {"member":{…}}
// traffic   [count=10000] [rate=PER_SECOND] [exchange=echo|hold|close|send|dns] [sources=256] [flows=1024] [threads=2]
//           [seconds=60] [timeout_ms=5000] [cpu=N]
//           {"traffic":{…as in status…}}. To the lab's own endpoint; one at a time. Without a rate a limited number is
//           in flight and the next starts when one ends; with a rate they start when they are due. `hold` ends after
//           `seconds`, or with traffic-stop. `close` does not wait to be accepted: without a rate it fills the accept
//           queues, and each connection that finds one full is delayed by the second after which TCP retries. With
//           `cpu` everything is sent from that CPU, and over loopback received there too.
// traffic-stop   orderly end; held connections count as done: {"traffic":{…}}
// latencies [from=0]    microseconds, rounded up, of every timed exchange since the traffic started, in chunks:
//           {"from","next","data"}: `data` base64 of little-endian u32, `next` where the following chunk starts;
//           next = from: nothing more yet.
// stop      ends everything; the reply is that of `status` with the final counts, when nothing is left of the lab.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "common/records.h"

namespace reuseport::lab {

// An error, as in the reply.
struct LabError : std::runtime_error {
  std::string call;
  int error;
  std::string at;
  LabError(std::string which_call, int number, std::string where = "");
};

enum class AcceptBehavior : std::uint8_t { normal, slow, never };
enum class AcceptModel : std::uint8_t { reuseport, shared, dispatcher };
enum class WaitStrategy : std::uint8_t { accept, epoll, epoll_exclusive };
// `sock_array`: see sock_array.h. `others`: any but one. Not a plan's: see the verb `spare`.
enum class Steering : std::uint8_t { hash, random, cpu, source_port, member, sock_array, others };
enum class Reply : std::uint8_t { echo, dns };
enum class Exchange : std::uint8_t { echo, hold, close, send, dns };

// The user that a worker runs as. Empty: the supervisor's.
struct Credentials {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

struct ListenPlan {
  Protocol protocol = Protocol::tcp;
  std::string address;
  std::uint16_t port = 0;
  unsigned listeners = 4;
  unsigned processes = 1;
  Credentials credentials;
  bool reuseport = true;
  bool reuseaddr = false;
  std::optional<bool> v6only;
  std::string device;
  bool incoming_cpu = false;
  int backlog = 128;
  std::optional<int> receive_buffer;
  AcceptBehavior accept_behavior = AcceptBehavior::normal;
  unsigned delay_us = 100'000;
  AcceptModel accept_model = AcceptModel::reuseport;
  WaitStrategy wait_strategy = WaitStrategy::epoll;
  Steering steering = Steering::hash;
  unsigned steer_to = 0;
  unsigned seconds = 600;
  bool own_namespace = false;
  std::optional<bool> migrate_requests;
  Reply reply = Reply::echo;
};

struct TrafficPlan {
  std::uint32_t count = 10'000;
  std::optional<double> rate;  // per second
  Exchange exchange = Exchange::echo;
  unsigned sources = 256;
  unsigned flows = 1024;
  unsigned threads = 2;
  double seconds = 60;
  unsigned timeout_ms = 5000;
  std::optional<unsigned> cpu;
};

struct AddRequest {
  Credentials credentials;
  std::optional<bool> reuseport;
  std::optional<bool> reuseaddr;
};

// A member, or one worker if `worker` is set.
struct Subject {
  unsigned index = 0;
  bool worker = false;
};

struct StatusRequest {};
struct StallRequest : Subject {};
struct ResumeRequest : Subject {};
struct SpareRequest : Subject {};
struct CloseRequest : Subject {};
struct TrafficStopRequest {};
struct LatenciesRequest {
  std::size_t from = 0;
};
struct StopRequest {};

using Request = std::variant<ListenPlan, StatusRequest, AddRequest, StallRequest, ResumeRequest, SpareRequest,
                             CloseRequest, TrafficPlan, TrafficStopRequest, LatenciesRequest, StopRequest>;

// Parses one line, without its newline. Throws LabError (EINVAL) with the verb as `call` and the key, or the malformed
// field, as `at`.
Request parse_request(std::string_view line);

inline constexpr std::size_t kMaxRequestSize = 4096;

}  // namespace reuseport::lab
