#include "addon_task.h"

#include <cstring>
#include <string>
#include <utility>

#include "addon_values.h"

namespace reuseport {
namespace {

std::string code_of(int error) {
  const char* name = ::strerrorname_np(error);
  return name != nullptr ? name : "E" + std::to_string(error);
}

}  // namespace

Napi::Object describe_error(Napi::Env env, const SystemError& error) {
  return make_object(env, Field{"operation", error.operation}, Field{"errno", error.error},
                     Field{"code", code_of(error.error)}, Field{"message", error.what()});
}

Napi::Error make_error(Napi::Env env, const SystemError& error) {
  Napi::Error made = Napi::Error::New(env, error.what());
  made.Set("operation", Napi::String::New(env, error.operation));
  made.Set("errno", Napi::Number::New(env, error.error));
  made.Set("code", Napi::String::New(env, code_of(error.error)));
  return made;
}

Napi::Promise Task::start(const Napi::Object& self, Execution execute, Completion finish) {
  const auto promise = Napi::Promise::Deferred::New(self.Env());
  resume(self, promise, std::move(execute), std::move(finish));
  return promise.Promise();
}

void Task::resume(const Napi::Object& self, const Napi::Promise::Deferred& promise, Execution execute,
                  Completion finish) {
  // The pool owns the task once it is queued; the task deletes itself after settling its promise.
  std::unique_ptr<Task> task(new Task(self, promise, std::move(execute), std::move(finish)));
  task->Queue();
  static_cast<void>(task.release());
}

Task::Task(const Napi::Object& self, const Napi::Promise::Deferred& promise, Execution execute, Completion finish)
    : Napi::AsyncWorker(self.Env(), "reuseport"),
      self_(Napi::Persistent(self)),
      promise_(promise),
      execute_(std::move(execute)),
      finish_(std::move(finish)) {}

void Task::Execute() {
  try {
    execute_();
  } catch (const SystemError& error) {
    error_ = error;
    SetError(error.what());
  }
}

// In an environment that is ending, no JavaScript can run and every call into it throws. Nothing waits for the promise
// then.
void Task::OnOK() {
  try {
    try {
      const Napi::Value value = finish_(Env(), promise_);
      if (!value.IsEmpty()) promise_.Resolve(value);
    } catch (const SystemError& error) {
      promise_.Reject(make_error(Env(), error).Value());
    } catch (const Napi::Error& error) {
      promise_.Reject(error.Value());
    }
  } catch (const Napi::Error&) {}
}

void Task::OnError(const Napi::Error& error) {
  try {
    promise_.Reject(error_ ? make_error(Env(), *error_).Value() : error.Value());
  } catch (const Napi::Error&) {}
}

}  // namespace reuseport
