// The N-API edge: work on a pool thread as a promise, and errors.
#pragma once

#include <napi.h>

#include <functional>
#include <optional>

#include "common/system_error.h"

namespace reuseport {

// A JavaScript Error with operation, errno and code ("ENOENT"), as NativeError in native/index.ts.
Napi::Error make_error(Napi::Env env, const SystemError& error);
// {netns?, operation, errno, code, message}: the same as a plain value.
Napi::Object describe_error(Napi::Env env, const SystemError& error);

// Runs `execute` on a worker thread, then `finish` on the JavaScript thread. The promise resolves to its value; a
// SystemError from either rejects it. `finish` returns an empty value if it has passed the promise on. `self` is kept
// alive until then. Both functions are destroyed before code waiting for the promise continues. If the environment ends
// first, `finish` does not run.
class Task final : public Napi::AsyncWorker {
 public:
  using Execution = std::function<void()>;
  using Completion = std::function<Napi::Value(Napi::Env, const Napi::Promise::Deferred&)>;

  static Napi::Promise start(const Napi::Object& self, Execution execute, Completion finish);
  // The same for an existing promise.
  static void resume(const Napi::Object& self, const Napi::Promise::Deferred& promise, Execution execute,
                     Completion finish);

 private:
  Task(const Napi::Object& self, const Napi::Promise::Deferred& promise, Execution execute, Completion finish);
  void Execute() override;
  void OnOK() override;
  void OnError(const Napi::Error& error) override;

  Napi::ObjectReference self_;
  Napi::Promise::Deferred promise_;
  Execution execute_;
  Completion finish_;
  std::optional<SystemError> error_;
};

}  // namespace reuseport
