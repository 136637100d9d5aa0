#include "host-bindings/wasmtime/control/control_module.h"

#include "control/port/frame.h"
#include "host-bindings/wasmtime/exports.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace tollgate::host {
namespace {

/// The version of wasm/control_abi.h that this host speaks.
constexpr std::uint32_t kAbiVersion = 2;

wasmtime::Config configured() {
  wasmtime::Config config;
  config.epoch_interruption(true);
  return config;
}

}  // namespace

/// The one instance. Its `sql` import works on the database of the call under way.
class ControlModule::Instance {
 public:
  Instance(wasmtime::Engine& engine, const ControlLimits& limits) : store_(engine), limits_(limits) {}

  Result<bool, std::string> start(wasmtime::Engine& engine, const wasmtime::Module& module);
  Result<control::Response, Trap> handle(control::SqlPort* database, const control::Request& request);

 private:
  using Answer = wasmtime::Result<std::int32_t, wasmtime::Trap>;
  using Word = Export<std::uint32_t(std::uint32_t)>;

  Answer perform_sql(wasmtime::Store::Context context, std::uint32_t statement, std::uint32_t statement_length,
                     std::uint32_t bindings, std::uint32_t bindings_length);
  /// Empty where it does not lie in the memory, which ends in a trap of ours.
  std::optional<std::string_view> bytes(wasmtime::Store::Context context, std::uint32_t at, std::uint32_t length);
  bool put(wasmtime::Store::Context context, std::uint32_t at, std::string_view bytes);

  wasmtime::Store store_;
  const ControlLimits& limits_;
  Export<std::uint32_t()> version_;
  Word request_;
  Word handle_;
  Export<std::uint32_t()> response_;
  Word rows_;
  std::optional<wasmtime::Memory> memory_;
  control::SqlPort* database_ = nullptr;
};

Result<bool, std::string> ControlModule::Instance::start(wasmtime::Engine& engine, const wasmtime::Module& module) {
  constexpr std::int64_t kAnyTable = -1;
  store_.limiter(limits_.memory_bytes, kAnyTable, 1, 1, 1);
  store_.context().set_epoch_deadline(EpochTicker::kTicksPerDeadline);
  wasmtime::Linker linker(engine);
  auto sql = [this](wasmtime::Caller caller, std::uint32_t statement, std::uint32_t statement_length,
                    std::uint32_t bindings, std::uint32_t bindings_length) -> Answer {
    return perform_sql(caller.context(), statement, statement_length, bindings, bindings_length);
  };
  if (auto defined = linker.func_wrap("tollgate", "sql", std::move(sql)); !defined)
    return fail(defined.err_ref().message());
  auto instance = linker.instantiate(store_, module);
  if (!instance) return fail("The control module cannot be instantiated: " + instance.err_ref().message());
  ExportTaker exports(store_, instance.ok_ref());
  exports.take("tgc_abi_version", version_);
  exports.take("tgc_request", request_);
  exports.take("tgc_handle", handle_);
  exports.take("tgc_response", response_);
  exports.take("tgc_rows", rows_);
  exports.take_memory(memory_);
  if (!exports.missed().empty()) return fail(exports.missed());
  const auto version = version_.function->call(store_, {});
  if (!version) return fail(version.err_ref().message());
  if (version.ok_ref() == kAbiVersion) return true;
  return fail("The control module has version " + std::to_string(version.ok_ref()) + " of the ABI, this host has " +
              std::to_string(kAbiVersion) + ".");
}

std::optional<std::string_view> ControlModule::Instance::bytes(wasmtime::Store::Context context, std::uint32_t at,
                                                               std::uint32_t length) {
  const auto memory = memory_->data(context);
  if (at > memory.size() || length > memory.size() - at) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(memory.data()) + at, length);
}

bool ControlModule::Instance::put(wasmtime::Store::Context context, std::uint32_t at, std::string_view text) {
  const auto memory = memory_->data(context);
  if (at > memory.size() || text.size() > memory.size() - at) return false;
  if (!text.empty()) std::memcpy(memory.data() + at, text.data(), text.size());
  return true;
}

ControlModule::Instance::Answer ControlModule::Instance::perform_sql(wasmtime::Store::Context context,
                                                                     std::uint32_t statement,
                                                                     std::uint32_t statement_length,
                                                                     std::uint32_t bindings,
                                                                     std::uint32_t bindings_length) {
  if (limits_.traps && limits_.traps()) return wasmtime::Trap("A test wants a trap at this statement.");
  const auto text = bytes(context, statement, statement_length);
  const auto values = bytes(context, bindings, bindings_length);
  if (!text || !values) return wasmtime::Trap("A statement lies outside of the module's memory.");
  std::string rows;
  const bool done = database_ != nullptr && database_->run(*text, *values, rows);
  const auto length = static_cast<std::uint32_t>(rows.size());
  // May grow the memory: what was looked at above is not to be used any more.
  const auto room = rows_.function->call(context, {length});
  if (!room) return wasmtime::Trap("There is no room for rows.");
  if (!put(context, room.ok_ref(), rows)) return wasmtime::Trap("Rows would lie outside of the module's memory.");
  const auto answer = static_cast<std::int32_t>(length);
  return done ? answer : -1 - answer;
}

Result<control::Response, Trap> ControlModule::Instance::handle(control::SqlPort* database,
                                                                const control::Request& request) {
  const auto trapped = [](const wasmtime::TrapError& error) { return Trap{cause_of(error), error.message()}; };
  const Trap outside{TrapCause::fault, "A frame lies outside of the module's memory."};
  database_ = database;
  const std::string frame = control::encode_request(request);
  const auto length = static_cast<std::uint32_t>(frame.size());
  store_.context().set_epoch_deadline(EpochTicker::kTicksPerDeadline);
  const auto room = request_.function->call(store_, {length});
  if (!room) return fail(trapped(room.err_ref()));
  if (!put(store_, room.ok_ref(), frame)) return fail(outside);
  const auto answered = handle_.function->call(store_, {length});
  database_ = nullptr;
  if (!answered) return fail(trapped(answered.err_ref()));
  const auto at = response_.function->call(store_, {});
  if (!at) return fail(trapped(at.err_ref()));
  const auto answer = bytes(store_, at.ok_ref(), answered.ok_ref());
  if (!answer) return fail(outside);
  auto response = control::decode_response(*answer);
  if (!response) return fail(Trap{TrapCause::fault, "The control module's answer cannot be read."});
  return std::move(*response);
}

Result<std::unique_ptr<ControlModule>, std::string> ControlModule::load(const std::filesystem::path& file,
                                                                        ControlLimits limits) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::uint8_t> code{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail("The module " + file.string() + " cannot be read.");
  wasmtime::Engine engine(configured());
  auto compiled = wasmtime::Module::compile(engine, code);
  if (!compiled) return fail("The module does not compile: " + compiled.err_ref().message());
  std::unique_ptr<ControlModule> module(new ControlModule(std::move(engine), compiled.ok(), std::move(limits)));
  auto instance = module->instantiate();
  if (!instance.ok()) return fail(instance.error());
  module->instance_ = std::move(*instance);
  return module;
}

ControlModule::ControlModule(wasmtime::Engine engine, wasmtime::Module module, ControlLimits limits)
    : engine_(std::move(engine)),
      module_(std::move(module)),
      limits_(std::move(limits)),
      ticker_(engine_, limits_.deadline_ms) {}

ControlModule::~ControlModule() = default;

Result<std::unique_ptr<ControlModule::Instance>, std::string> ControlModule::instantiate() {
  auto instance = std::make_unique<Instance>(engine_, limits_);
  if (const auto started = instance->start(engine_, module_); !started.ok()) return fail(started.error());
  return instance;
}

Result<control::Response, Trap> ControlModule::handle(control::SqlPort* database, const control::Request& request) {
  if (instance_ == nullptr) {
    auto fresh = instantiate();
    if (!fresh.ok()) return fail(Trap{TrapCause::dead, fresh.error()});
    instance_ = std::move(*fresh);
  }
  auto response = instance_->handle(database, request);
  if (!response.ok()) {
    ++traps_;
    instance_.reset();
  }
  return response;
}

}  // namespace tollgate::host
