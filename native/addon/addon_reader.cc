#include "addon_reader.h"

#include <cerrno>
#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

#include "addon_arguments.h"
#include "addon_frames.h"
#include "addon_results.h"
#include "addon_task.h"
#include "addon_values.h"
#include "bound_listing.h"
#include "common/namespaces.h"
#include "lookup_programs.h"
#include "reader.h"

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

// Sets a flag for its lifetime.
class BusyGuard {
 public:
  explicit BusyGuard(std::shared_ptr<bool> busy) : busy_(std::move(busy)) { *busy_ = true; }
  ~BusyGuard() { *busy_ = false; }
  BusyGuard(const BusyGuard&) = delete;
  BusyGuard& operator=(const BusyGuard&) = delete;

 private:
  std::shared_ptr<bool> busy_;
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
                           InstanceMethod<&ReaderObject::scan_holders>("scanHolders"),
                           InstanceMethod<&ReaderObject::read_options>("readOptions"),
                           InstanceMethod<&ReaderObject::scan_pollers>("scanPollers"),
                           InstanceMethod<&ReaderObject::apply_options>("applyOptions"),
                           InstanceMethod<&ReaderObject::apply_kernel_group>("applyKernelGroup"),
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
  Napi::Value open_namespace(const Napi::CallbackInfo& info) {
    const auto path = read_path(info, "openNamespace");
    auto reader = open(info.Env(), "open network namespace");
    return answer([=] { return reader->open_namespace(path); });
  }

  Napi::Value open_held_namespace(const Napi::CallbackInfo& info) {
    const SocketRef socket = read_socket_ref(info, "openHeldNamespace");
    auto reader = open(info.Env(), "open network namespace");
    return answer([=] { return reader->open_namespace(socket); });
  }

  Napi::Value search_held_namespaces(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "search held sockets for network namespaces");
    const std::uint32_t limit = read_limit(info, "searchHeldNamespaces");
    return answer([=] { return reader->search_held_namespaces(limit); });
  }

  void close_namespace(const Napi::CallbackInfo& info) {
    const std::uint32_t inode = read_inode(info, "closeNamespace");
    open(info.Env(), "close network namespace")->close_namespace(inode);
  }

  Napi::Value within(const Napi::CallbackInfo& info) {
    const NamespaceAction request = read_namespace_action(info, "within");
    try {
      const auto held = open(info.Env(), "enter network namespace")->descriptor_of(request.inode);
      return run_within(held->descriptor.get(), [&] { return request.action.Call({}); });
    } catch (const SystemError& error) {
      throw make_error(info.Env(), error);
    }
  }

  Napi::Value refresh(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    auto reader = open(env, "refresh");
    const RefreshRequest request = read_refresh_request(info, "refresh");
    if (*refreshing_) {
      const auto promise = Napi::Promise::Deferred::New(env);
      const SystemError overlap("refresh", EALREADY, "a refresh is running: wait for its promise");
      promise.Reject(make_error(env, overlap).Value());
      return promise.Promise();
    }
    auto busy = std::make_shared<BusyGuard>(refreshing_);
    auto result = std::make_shared<RefreshResult>();
    auto watch = std::make_shared<Stopwatch>();
    auto memory = std::make_shared<FrameMemory>(frames_.next());

    const auto finish = [=, this](Napi::Env now) -> Napi::Value {
      expect_open("refresh");
      const Napi::Object frame = frames_.publish(now, *memory, *result);
      return to_value(now, *result, frame, watch->milliseconds());
    };
    return Task::start(
        Value(),
        [=, keep = busy] {
          *result = reader->refresh(request.memory, request.bound);
          if (FrameBuffers::fits(*memory, result->size)) reader->write(*memory);
        },
        [=, this, keep = busy](Napi::Env now, const Napi::Promise::Deferred& promise) -> Napi::Value {
          expect_open("refresh");
          if (FrameBuffers::fits(*memory, result->size)) return finish(now);
          // Only this thread can allocate the buffers; the worker then fills them.
          *memory = frames_.grow(now, result->size);
          Task::resume(
              Value(), promise, [=, keep = busy] { reader->write(*memory); },
              [=, keep = busy](Napi::Env later, auto&) { return finish(later); });
          return {};
        });
  }

  Napi::Value scan_holders(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "scan holders");
    const bool full = read_full(info, "scanHolders");
    return timed_answer([=] { return reader->scan_holders(full); });
  }

  Napi::Value read_options(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "read socket options");
    const OptionsRequest request = read_options_request(info, "readOptions");
    return timed_answer([=] { return reader->read_options(request.limit, request.deciding_only, request.reread); });
  }

  Napi::Value scan_pollers(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "scan pollers");
    return answer([=] { return reader->scan_pollers(); });
  }

  void apply_options(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "apply options");
    const SharingOptions request = read_sharing_options(info, "applyOptions");
    reader->apply_options(request.cookies, request.options);
  }

  void apply_kernel_group(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "apply a kernel group");
    const KernelGroupNumber request = read_kernel_group_number(info, "applyKernelGroup");
    reader->apply_kernel_group(request.cookies, request.number);
  }

  Napi::Value probe(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "run the kernel lookup");
    return timed_answer([=, request = read_probe_request(info, "probe")] {
      return reader->probe(request.netns, request.target, request.remotes, request.every_cpu);
    });
  }

  Napi::Value read_interfaces(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "read network interfaces");
    const std::uint32_t inode = read_inode(info, "readInterfaces");
    return answer([=] { return reader->read_interfaces(inode); },
                  [](Napi::Env env, const auto& read) { return read ? to_value(env, *read) : env.Null(); });
  }

  Napi::Value query(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "query over netlink");
    return answer([=, request = read_netlink_request(info, "query")] {
      return reader->query(request.netns, request.family, request.message);
    });
  }

  Napi::Value find_lookup_programs(const Napi::CallbackInfo&) {
    return answer([] { return reuseport::find_lookup_programs(); });
  }

  Napi::Value lists_bound_tcp(const Napi::CallbackInfo&) {
    return answer([] { return reuseport::lists_bound_tcp(); });
  }

  Napi::Value dump_port(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "dump the sockets of a port");
    const PortRequest request = read_port_request(info, "dumpPort");
    return timed_answer([=] { return reader->dump_port(request.netns, request.query); });
  }

  Napi::Value read_incoming_cpus(const Napi::CallbackInfo& info) {
    auto reader = open(info.Env(), "read SO_INCOMING_CPU");
    const auto given = read_cookies(info, "readIncomingCpus");
    const std::vector<std::uint64_t> cookies(given.begin(), given.end());
    return answer([=] { return reader->read_incoming_cpus(cookies); });
  }

  void close(const Napi::CallbackInfo&) { reader_.reset(); }

  // The reader, for a call that may outlive close(). Throws if it is closed.
  std::shared_ptr<Reader> open(Napi::Env env, const char* operation) {
    if (!reader_) throw make_error(env, SystemError(operation, EBADF, "the reader is closed"));
    return reader_;
  }
  // For a completion: throws if the reader was closed meanwhile.
  void expect_open(const char* operation) const {
    if (!reader_) throw SystemError(operation, ECANCELED, "the reader was closed meanwhile");
  }

  // Runs `work` on a worker thread; `convert` makes a value of its result, on this thread.
  template <typename Work, typename Convert>
  Napi::Value answer(Work work, Convert convert) {
    auto result = std::make_shared<std::invoke_result_t<const Work&>>();
    return Task::start(
        Value(), [=] { *result = work(); },
        [=](Napi::Env env, auto&) -> Napi::Value { return convert(env, *result); });
  }
  template <typename Work>
  Napi::Value answer(Work work) {
    return answer(std::move(work), [](Napi::Env env, const auto& result) { return to_value(env, result); });
  }
  // The value also says how long it took.
  template <typename Work>
  Napi::Value timed_answer(Work work) {
    return answer(std::move(work), [watch = Stopwatch()](Napi::Env env, const auto& result) {
      return to_value(env, result, watch.milliseconds());
    });
  }

  std::shared_ptr<Reader> reader_ = std::make_shared<Reader>();
  FrameBuffers frames_;
  std::shared_ptr<bool> refreshing_ = std::make_shared<bool>(false);
};

}  // namespace

Napi::Function define_reader(Napi::Env env) { return ReaderObject::define(env); }

}  // namespace reuseport
