// The edge to JavaScript: work on a thread of the pool, as a promise; and errors.
#pragma once

#include <napi.h>

#include <functional>
#include <optional>

#include "system_error.h"

namespace reuseport {

// A JavaScript Error with operation, errno and code ("ENOENT"), as NativeError in native/index.ts.
Napi::Error make_error(Napi::Env env, const SystemError& error);
// {netns?, operation, errno, code, message}: the same as a plain value.
Napi::Object describe_error(Napi::Env env, const SystemError& error);

// Runs `execute` on a worker thread, then `finish` on the JavaScript thread, whose value the promise resolves to; a
// SystemError of either rejects it. `finish` may give an empty value to say that it has passed the promise on. `self`
// is kept alive until then. Both functions are destroyed before anything that waits for the promise goes on. When the
// environment ends first, `finish` does not run.
class Task final : public Napi::AsyncWorker {
 public:
  using Execution = std::function<void()>;
  using Completion = std::function<Napi::Value(Napi::Env, const Napi::Promise::Deferred&)>;

  static Napi::Promise start(const Napi::Object& self, Execution execute, Completion finish);
  // The same for a promise that there is already.
  static void go_on(const Napi::Object& self, const Napi::Promise::Deferred& promise, Execution execute,
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
