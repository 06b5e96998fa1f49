// The N-API edge: the module, as `Addon` in native/index.ts.
#include <malloc.h>
#include <napi.h>

#include "addon_arguments.h"
#include "addon_layout.h"
#include "addon_line_program.h"
#include "addon_reader.h"
#include "addon_task.h"
#include "common/unix_peer.h"
#include "signal_deadline.h"

namespace reuseport {
namespace {

// Larger freed blocks are returned to the kernel at once. By default malloc raises this threshold with every large
// block that is freed, up to 32 MB, and keeps the memory (mallopt(3)): 20 MB more at 100,000 sockets, for tables that
// grew.
constexpr int kLargeBlock = 1 << 18;
// One heap for all threads that have not allocated yet: with one each, every pool thread keeps the peak memory of its
// largest task, 9 MB more at 100,000 sockets. They work one at a time and do not contend.
constexpr int kHeaps = 1;

Napi::Value connect_abstract(const Napi::CallbackInfo& info) {
  const AbstractAddress address = read_abstract_address(info, "connectAbstract");
  try {
    UniqueFd connection = connect_to_user(address.name, address.uid);
    if (!connection) return info.Env().Null();
    return Napi::Number::New(info.Env(), connection.release());
  } catch (const SystemError& error) {
    throw make_error(info.Env(), error);
  }
}

void end_after_signal(const Napi::CallbackInfo& info) {
  const SignalDeadline deadline = read_signal_deadline(info, "endAfterSignal");
  try {
    reuseport::end_after_signal(deadline.grace_period, deadline.status);
  } catch (const SystemError& error) {
    throw make_error(info.Env(), error);
  }
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  ::mallopt(M_ARENA_MAX, kHeaps);
  exports["layout"] = make_layout(env);
  exports["Reader"] = define_reader(env);
  exports["LineProgram"] = define_line_program(env);
  exports["connectAbstract"] = Napi::Function::New<connect_abstract>(env, "connectAbstract");
  exports["endAfterSignal"] = Napi::Function::New<end_after_signal>(env, "endAfterSignal");
  return exports;
}

}  // namespace
}  // namespace reuseport

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return reuseport::initialize(env, exports); }
NODE_API_MODULE(reuseport, initialize)
