#include "host-bindings/wasmtime/wasmtime_edge.h"

#include <array>
#include <bit>
#include <utility>
#include <vector>

namespace tollgate::host {
namespace {

static_assert(std::endian::native == std::endian::little, "the mailbox of a Wasm instance is read in place");

/// `tg_mailbox_t` as it lies in the memory of a Wasm instance.
struct WasmMailbox {
  std::uint32_t input;
  std::uint32_t input_capacity;
  std::uint32_t output;
  std::uint32_t output_capacity;
  MailboxWords words;
};

}  // namespace

WasmtimeEdge::WasmtimeEdge(std::shared_ptr<EdgeModule> module, wasmtime::Store store)
    : module_(std::move(module)), store_(std::move(store)) {}

Result<bool, std::string> WasmtimeEdge::start() {
  allow_one_call();
  auto instance = wasmtime::Instance::create(store_, module_->module_, {});
  if (!instance) return fail("The module cannot be instantiated: " + instance.err_ref().message());
  if (auto loaded = load_exports(instance.ok_ref()); !loaded.ok()) return loaded;
  return attach_mailbox(*exports_.memory);
}

Result<bool, std::string> WasmtimeEdge::load_exports(wasmtime::Instance& instance) {
  ExportTaker exports(store_, instance);
  exports.take("tg_abi_version", exports_.abi_version);
  exports.take("tg_mailbox", exports_.mailbox);
  exports.take("tg_init", exports_.init);
  exports.take("tg_configure", exports_.configure);
  exports.take("tg_build_id", exports_.build_id);
  exports.take("tg_bucket", exports_.bucket);
  exports.take("tg_policy", exports_.policy);
  exports.take("tg_check", exports_.check);
  exports.take("tg_check_known", exports_.check_known);
  exports.take("tg_resume", exports_.resume);
  exports.take("tg_next_woken", exports_.next_woken);
  exports.take("tg_poll", exports_.poll);
  exports.take("tg_take_over", exports_.take_over);
  exports.take("tg_abandon", exports_.abandon);
  exports.take("tg_record", exports_.record);
  exports.take("tg_identity", exports_.identity);
  exports.take("tg_meters", exports_.meters);
  exports.take("tg_finish", exports_.finish);
  exports.take("tg_problem", exports_.problem);
  exports.take("tg_quota_headers", exports_.quota_headers);
  exports.take("tg_explain", exports_.explain);
  exports.take("tg_drain", exports_.drain);
  exports.take("tg_delivered", exports_.delivered);
  exports.take("tg_failed", exports_.failed);
  exports.take("tg_stats", exports_.stats);
  exports.take_memory(exports_.memory);
  if (!exports.missed().empty()) return fail(exports.missed());
  return true;
}

Result<bool, std::string> WasmtimeEdge::attach_mailbox(const wasmtime::Memory& memory) {
  const Word address = call(exports_.mailbox);
  if (!address.ok()) return fail(address.error().message);
  const auto bytes = memory.data(store_);
  const auto inside = [&](std::size_t from, std::size_t size) {
    return from <= bytes.size() && size <= bytes.size() - from;
  };
  const std::string outside = "The mailbox of the module does not lie in its memory.";
  if (!inside(*address, sizeof(WasmMailbox)) || *address % alignof(WasmMailbox) != 0) return fail(outside);
  const auto* const mailbox = reinterpret_cast<const WasmMailbox*>(bytes.data() + *address);
  if (!inside(mailbox->input, mailbox->input_capacity)) return fail(outside);
  if (!inside(mailbox->output, mailbox->output_capacity)) return fail(outside);
  char* const base = reinterpret_cast<char*>(bytes.data());
  attach({base + mailbox->input, mailbox->input_capacity}, {base + mailbox->output, mailbox->output_capacity},
         &mailbox->words);
  return true;
}

void WasmtimeEdge::allow_one_call() {
  const InstanceLimits& limits = module_->limits();
  if (limits.deadline_ms > 0) store_.context().set_epoch_deadline(EpochTicker::kTicksPerDeadline);
  // Fails only where the engine does not count fuel, which is decided by the same number.
  if (limits.fuel_per_call > 0) store_.context().set_fuel(limits.fuel_per_call).unwrap();
}

void WasmtimeEdge::count_fuel() {
  const InstanceLimits& limits = module_->limits();
  if (limits.fuel_per_call > 0) fuel_used_ += limits.fuel_per_call - store_.context().get_fuel().unwrap();
}

Trap WasmtimeEdge::ended_by(const wasmtime::TrapError& error) {
  dead_ = true;
  return {cause_of(error), error.message()};
}

}  // namespace tollgate::host
