#include "addon_line_program.h"

#include <sys/wait.h>

#include <memory>

#include "addon_arguments.h"
#include "addon_task.h"
#include "addon_values.h"
#include "line_program.h"

namespace reuseport {
namespace {

Napi::Value to_value(Napi::Env env, const LineProgram::Answer& answer) {
  if (answer.line) return make_object(env, Field{"line", *answer.line});
  const auto number = [&](bool known, int of) { return known ? Napi::Number::New(env, of) : env.Null(); };
  const int status = answer.status.value_or(0);
  return make_object(env, Field{"line", env.Null()}, Field{"errorText", answer.error_text},
                     Field{"status", number(answer.status && WIFEXITED(status), WEXITSTATUS(status))},
                     Field{"signal", number(answer.status && WIFSIGNALED(status), WTERMSIG(status))});
}

class LineProgramObject final : public Napi::ObjectWrap<LineProgramObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "LineProgram",
                       {InstanceMethod<&LineProgramObject::ask>("ask"), InstanceMethod<&LineProgramObject::end>("end")});
  }

  explicit LineProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LineProgramObject>(info) {
    const ProgramRequest request = read_program_request(info, "LineProgram");
    try {
      program_ = std::make_shared<LineProgram>(request.path, request.argument);
    } catch (const SystemError& error) {
      throw make_error(info.Env(), error);
    }
  }

 private:
  Napi::Value ask(const Napi::CallbackInfo& info) {
    auto program = program_;
    const auto timeout = read_timeout(info, "ask");
    auto answer = std::make_shared<LineProgram::Answer>();
    return Task::start(
        Value(), [=] { *answer = program->ask(timeout); }, [=](Napi::Env env, auto&) { return to_value(env, *answer); });
  }

  void end(const Napi::CallbackInfo&) { program_->end(); }

  std::shared_ptr<LineProgram> program_;
};

}  // namespace

Napi::Function define_line_program(Napi::Env env) { return LineProgramObject::define(env); }

}  // namespace reuseport
