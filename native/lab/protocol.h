// What is said to a lab's supervisor, and what it answers.
//
// Started as `reuseport-lab ID` (8 hexadecimal digits), with pipes. It takes requests on standard input and answers on
// standard output, and takes the same requests on the abstract unix socket `@reuseport-inspector/lab/UID/ID` (UID the
// supervisor's effective uid; only that user and root are answered: SO_PEERCRED). With a user namespace of its own it
// cannot tell root from strangers, and answers its own user only; run as the overflow uid (nobody), not even that one.
// End of standard input ends the lab.
//
// A request is a line `verb key=value …`; unknown verbs and keys, and values out of bounds, are refused. Each answer is
// one line of JSON, in the order of the requests: an object as below, or
//   {"error":{"call":"bind","errno":98,"name":"EADDRINUSE","at":"member 3"}}
// where `call` is the system call, or the verb where the request itself is at fault (EINVAL, `at` names the key), and
// `at` may be empty.
//
// listen    protocol=tcp|udp address=A [port=0] [listeners=4] [processes=1] [uid=N] [gid=N] [reuseport=1] [reuseaddr=0]
//           [v6only=0|1] [device=NAME] [incoming_cpu=0] [backlog=128] [rcvbuf=BYTES] [accept=normal|slow|never]
//           [delay_us=100000] [taking=reuseport|shared|dispatcher] [waiting=accept|epoll|epoll-exclusive]
//           [steering=hash|random|cpu|source-port|member] [steered_to=0] [seconds=600] [namespace=host|own]
//           [migrate_req=0|1] [answer=echo|dns]
//           Once a lab; answered as `status` is, when every member stands. After a refusal nothing of it is left and it
//           may be tried again (but for a namespace of its own, which it then has).
// status    {"id","address","port","netns","ownNamespace","supervisor","pids":[…],"startedAt","endsAt",
//            "request":{…as ListenRequest…},
//            "members":[{"index","cookie","inode","pid","uid","state"}…],
//            "workers":[{"index","pid","member","received"}…],
//            "traffic":null|{"pid","request":{…as TrafficRequest, without id…},"startedAt","endedAt","elapsedUs",
//                            "sent","done","refused","resets","timeouts","otherErrors","moved","samples","failed","stranger"}}
//           `endedAt` is null while it runs; `failed`: its process was killed; `stranger`: for the
//           cookie of a socket that is not the lab's and came to where the lab's are, else null. `moved`: UDP flows that were answered by
//           more than one worker. sent = done + refused + resets + timeouts + otherErrors + what is still on its way.
//           For `send`, done is what the kernel took; what was lost is that less the workers' `received`.
// add       [uid=N] [gid=N] [reuseport=0|1] [reuseaddr=0|1]     one more member, in a process of its own, otherwise as
//           the first ones: {"member":{…},"worker":{…}}. Of labs with a listener a worker only.
// stall     member=N | worker=N    its workers stop taking:          {"member":{…}} | {"worker":{…}}
// resume    member=N | worker=N    they go on as `accept` said:      the same
// close     member=N               closes its listener; connections that were taken live on: {"member":{…}}
// traffic   [count=10000] [rate=PER_SECOND] [exchange=echo|hold|close|send|dns] [sources=256] [flows=1024] [threads=2]
//           [seconds=60] [timeout_ms=5000] [cpu=N]
//           {"traffic":{…as in status…}}. To the lab's own endpoint; one at a time. Without a rate a bounded number is
//           on its way at once and the next begins when one ends; with a rate they begin when they are due. `hold` ends
//           with its seconds, or traffic-stop. `close` does not wait to be accepted: without a rate it fills the accept
//           queues, and each connection that finds one full costs the second after which TCP tries again.
//           With `cpu` all of it is sent from that CPU, and over loopback received there too.
// traffic-stop   ends it in order; held connections count as done: {"traffic":{…}}
// latencies [from=0]    microseconds, rounded up, of every timed exchange since the traffic began, a piece at a time:
//           {"from","next","data"}: `data` base64 of little-endian u32, `next` where the following piece begins;
//           next = from: nothing more yet.
// stop      ends everything; answered as `status` with the last counts, when nothing is left of the lab.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "records.h"

namespace reuseport::lab {

// A refusal or failure, as it is answered.
struct LabError : std::runtime_error {
  std::string call;
  int error;
  std::string at;
  LabError(std::string which_call, int number, std::string where = "");
};

enum class Accepting : std::uint8_t { normal, slow, never };
enum class Taking : std::uint8_t { reuseport, shared, dispatcher };
enum class Waiting : std::uint8_t { accept, epoll, epoll_exclusive };
enum class Steering : std::uint8_t { hash, random, cpu, source_port, member };
enum class Answer : std::uint8_t { echo, dns };
enum class Exchange : std::uint8_t { echo, hold, close, send, dns };

// Who a worker runs as. Nothing: as the supervisor does.
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
  Accepting accepting = Accepting::normal;
  unsigned delay_us = 100'000;
  Taking taking = Taking::reuseport;
  Waiting waiting = Waiting::epoll;
  Steering steering = Steering::hash;
  unsigned steered_to = 0;
  unsigned seconds = 600;
  bool own_namespace = false;
  std::optional<bool> migrate_requests;
  Answer answer = Answer::echo;
};

struct TrafficPlan {
  std::uint32_t count = 10'000;
  std::optional<double> rate;  // a second
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

// A member, or one worker where `worker` is set.
struct Subject {
  unsigned index = 0;
  bool worker = false;
};

struct StatusRequest {};
struct StallRequest : Subject {};
struct ResumeRequest : Subject {};
struct CloseRequest : Subject {};
struct TrafficStopRequest {};
struct LatenciesRequest {
  std::size_t from = 0;
};
struct StopRequest {};

using Request = std::variant<ListenPlan, StatusRequest, AddRequest, StallRequest, ResumeRequest, CloseRequest,
                             TrafficPlan, TrafficStopRequest, LatenciesRequest, StopRequest>;

// Reads one line, without its newline. Throws LabError (EINVAL) whose `call` is the verb and whose `at` is the key, or
// what is wrong with the line.
Request parse_request(std::string_view line);

inline constexpr std::size_t kLongestRequest = 4096;

}  // namespace reuseport::lab
